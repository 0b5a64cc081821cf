// Learning rates: schedules, and the range test that finds one.

import { changes, check, equal, patient } from '../lib/check.mjs';
import { countOf, textThat } from '../lib/read.mjs';

const near = (actual, expected, what) =>
  check(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what}: ${actual}, expected ${expected}`);

const findButton = (lab) => lab.page.getByRole('button', { name: 'Find a rate', exact: true });

// Presses the button, and waits for the result or for the reason why there is none.
async function findRate(lab) {
  await findButton(lab).click();
  await lab.page.locator('.find-rate canvas').waitFor({ timeout: patient(60_000) });
}

// Reloads once the run is saved, which is soon after its last step and not with it.
async function reloadInto(lab, step) {
  await lab.untilSaved(step);
  await lab.reload();
  const state = await lab.until((it) => /ready|paused/i.test(it.phase), 'the lab after a reload');
  equal(state.step, step, 'the step after a reload');
}

export default [
  {
    name: 'schedule-moves-the-rate',
    about: 'the rate of a step is that of its formula, stands in the run facts, and a live change of the learning rate moves the base',
    async run(lab) {
      await lab.open('circle?lr=0.02&schedule=warmup:9&device=cpu');
      equal((await lab.state()).learningRate, null, 'the rate before the first step');
      for (const [count, done] of [[1, 1], [4, 5], [7, 12]]) {
        await lab.call('step', count);
        // The step that comes after t others is taken at (t + 1) / 10 of the rate.
        near((await lab.state()).learningRate, 0.02 * Math.min(done / 10, 1), `the rate of step ${done}`);
      }
      await textThat(lab.page.locator('.run-facts .loss'), /rate 0\.0200/, 'the rate in the run facts');
      const rate = lab.page.getByLabel('Learning rate', { exact: true });
      await rate.fill('0.01');
      await rate.press('Enter');
      await lab.call('step', 1);
      near((await lab.state()).learningRate, 0.01, 'the rate after a live change');

      const { stepsPerEpoch } = await lab.open('circle?lr=0.02&schedule=cosine&epochs=2&device=cpu');
      await lab.call('step', stepsPerEpoch + 1);
      near((await lab.state()).learningRate, 0.01, 'half-way down the cosine');
      await lab.call('epoch');
      const { learningRate, step } = await lab.state();
      equal(step, 2 * stepsPerEpoch, 'both epochs');
      near(learningRate, 0.01 * (1 + Math.cos((Math.PI * (step - 1)) / step)), 'the rate of the last step');
    },
  },
  {
    name: 'schedule-fields',
    about: 'a schedule is chosen in the set-up with its numbers, stands in the link, is refused in words, and survives a reload',
    async run(lab) {
      await lab.open('circle?device=cpu');
      const schedule = lab.page.getByLabel('Schedule', { exact: true });
      await schedule.selectOption({ label: 'Step decay' });
      const every = lab.page.getByLabel('Decay every', { exact: true });
      await every.fill('7');
      await every.press('Enter');
      await lab.page.getByLabel('Counted in', { exact: true }).selectOption({ label: 'Steps' });
      const gamma = lab.page.getByLabel('Decay γ', { exact: true });
      await gamma.fill('2');
      await gamma.press('Enter');
      await lab.page.getByText(/2 does not fit/).filter({ visible: true }).waitFor();
      await gamma.fill('0.5');
      await gamma.press('Enter');
      await lab.until((state) => /schedule=step:7:steps:0\.5/.test(state.link), 'the schedule in the link');
      await lab.until((state) => state.step === 0 && /ready/i.test(state.phase), 'a fresh run with the schedule');
      await lab.call('step', 20);
      await lab.call('pause');
      const before = await lab.state();
      near(before.learningRate, 0.02 * 0.25, 'the rate of step 20');
      await reloadInto(lab, 20);
      await lab.call('step', 2);
      near((await lab.state()).learningRate, 0.02 * 0.125, 'the rate of step 22');
      await schedule.selectOption({ label: 'Constant' });
      await countOf(lab.page.getByLabel('Decay γ', { exact: true }), 0, 'fields of a constant rate');
    },
  },
  {
    name: 'find-a-rate',
    about: 'on points: the range test leaves the run alone, draws a curve with its table, says what it found, and its rate is taken with one press',
    async run(lab) {
      await lab.open('moons?lr=0.00001&device=cpu');
      await lab.call('step', 5);
      const [weights, state] = [await lab.weightsHash(), await lab.state()];
      await findRate(lab);
      await lab.untilSaid(/lowest at a rate of .* is suggested/);
      equal(await lab.weightsHash(), weights, 'the weights after the test');
      equal((await lab.settled()).step, state.step, 'the step after the test');
      const test = await lab.call('findRate');
      check(test.points.length > 20 && test.points.length <= 100, `${test.points.length} points`);
      near(test.points[0].rate, 1e-5, 'the first rate');
      check(test.points.every((point, idx) => idx === 0 || point.rate > test.points[idx - 1].rate), 'rates do not grow');
      await lab.page.locator('.find-rate summary').click();
      await countOf(lab.page.locator('.find-rate tbody tr'), test.points.length, 'rows of the table');
      await lab.click('Use this rate');
      await lab.until((it) => it.link.includes(`lr=${test.suggested}`), 'the suggested rate in the link');
      equal((await lab.settled()).step, state.step, 'the run goes on at the new rate');
      await lab.call('step', 1);
      near((await lab.state()).learningRate, test.suggested, 'the rate of the next step');
    },
  },
  {
    name: 'find-a-rate-on-digits',
    about: 'on digits: the test suggests a rate that trains, repeats itself to the bit, and a restart meanwhile is told and stops nothing',
    async run(lab) {
      await lab.open('mnist?layers=dense:16:relu&opt=sgd&lr=0.00001&device=cpu');
      const first = await lab.call('findRate');
      equal(await lab.call('findRate'), first, 'the same test again');
      check(first.suggested > 0.001 && first.suggested <= 1, `${first.suggested} suggested for SGD`);
      // Asked for and restarted at once: an answer comes in any case.
      const outcome = await lab.page.evaluate(async () => {
        const asked = window.descent.findRate().then(() => 'found', (error) => error.message);
        await window.descent.reset();
        return asked;
      });
      check(outcome === 'found' || /restarted/.test(outcome), `the question ended with ${outcome}`);
      await findRate(lab);
      await lab.click('Use this rate');
      await lab.call('step', 1);
      const { loss } = await lab.state();
      await lab.call('step', 200);
      check((await lab.state()).loss < 0.8 * loss, `from ${loss} to ${(await lab.state()).loss} in 200 steps`);
    },
  },
  {
    name: 'find-a-rate-while-training',
    about: 'a test during training changes no number of the run, and a changed model makes its result disappear',
    async run(lab) {
      await lab.open('circle?device=cpu');
      const alone = await lab.losses(30);
      await lab.call('reset');
      await lab.call('step', 10);
      await findRate(lab);
      const rest = await lab.losses(20);
      equal(rest, alone.slice(10), 'losses after the test');
      await lab.call('reset');
      await lab.page.getByLabel('Batch size', { exact: true }).selectOption('32');
      await lab.page.locator('.find-rate canvas').waitFor({ state: 'detached' });
      await changes(async () => (await lab.state()).link, 'circle', 'the link of the changed run');
    },
  },
  {
    name: 'find-a-rate-narrow',
    about: 'the result of the range test does not scroll a phone sideways',
    context: { viewport: { width: 390, height: 844 } },
    async run(lab) {
      await lab.open('spiral?device=cpu');
      await lab.page.getByRole('tab', { name: 'Set-up' }).click();
      await findRate(lab);
      await lab.page.locator('.find-rate summary').click();
      const { width, scrollWidth } = await lab.page.evaluate(() => ({ width: innerWidth, scrollWidth: document.documentElement.scrollWidth }));
      check(scrollWidth <= width, `${scrollWidth} wide on a screen of ${width}`);
    },
  },
];
