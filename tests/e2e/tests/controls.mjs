// Every control of the set-up does something, and what cannot be built is explained at its field.

import { check, different, equal, sleep } from '../lib/check.mjs';

const LINK = 'mnist?layers=conv:2:5:valid:relu,pool:4,dense:8:relu,drop:0.2,bn&batch=32&device=cpu';
const STEPS = 20;

// Controls that are there to look, to copy or to decide how long or where, not what is learned.
const NO_EFFECT_ON_LEARNING = /epochs|device|copy|link|sample|class|browse|show|hide|help|theme|more examples|next|previous|test|validation examples|train examples/i;

// All visible controls of the set-up pane, marked with `data-probe`.
function findControls() {
  const pane = document.querySelector('[aria-label="Set-up"], #set-up, .setup, .set-up, [data-pane="setup"]') ?? document.querySelector('main');
  const nameOf = (it) => {
    const labelledBy = it.getAttribute('aria-labelledby');
    const text = labelledBy ? labelledBy.split(' ').map((id) => document.getElementById(id)?.innerText ?? '').join(' ') : null;
    return (it.getAttribute('aria-label') ?? text ?? it.labels?.[0]?.innerText ?? it.innerText ?? it.id).replace(/\s+/g, ' ').trim();
  };
  const found = [...pane.querySelectorAll('select, input, button')].filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled);
  found.forEach((it, idx) => (it.dataset.probe = idx));
  return found.map((it, idx) => ({ idx, name: nameOf(it), kind: it.tagName === 'INPUT' ? it.type : it.tagName.toLowerCase(), value: it.value }));
}

async function mutate(lab, control) {
  const element = lab.page.locator(`[data-probe="${control.idx}"]`);
  if (control.kind === 'button') return element.click();
  if (control.kind === 'select') {
    const values = await element.locator('option:not([disabled])').evaluateAll((options) => options.map((it) => it.value));
    return element.selectOption(values[(values.indexOf(control.value) + 1) % values.length]);
  }
  if (control.kind === 'checkbox' || control.kind === 'radio') return element.setChecked(!(await element.isChecked()));
  if (control.kind === 'range') {
    await element.focus();
    return lab.page.keyboard.press('ArrowRight');
  }
  const value = Number(control.value);
  const { step, max } = await element.evaluate((it) => ({ step: Number(it.step) || 0, max: it.max === '' ? Infinity : Number(it.max) }));
  let next = value === 0 ? Math.max(step, 0.01) : Number.isInteger(value) && value > 1 ? value + 1 : value * 1.5;
  if (/kernel/i.test(control.name)) next = value + 2;
  if (next > max) next = value - (step || value / 2);
  await element.fill(String(next));
  return element.press('Enter');
}

async function outcome(lab) {
  const losses = await lab.losses(STEPS);
  return { losses, hash: await lab.weightsHash() };
}

export default [
  {
    name: 'controls-act',
    about: 'every control of the set-up changes the outcome of 20 steps',
    timeoutMs: 600_000,
    async run(lab, { newLab, note }) {
      await lab.open(LINK);
      const base = await outcome(lab);
      await lab.call('reset');
      const controls = await lab.page.evaluate(findControls);
      const acting = controls.filter((it) => !NO_EFFECT_ON_LEARNING.test(it.name));
      note(`${acting.length} controls, not tried: ${controls.filter((it) => !acting.includes(it)).map((it) => it.name.slice(0, 20)).join(', ')}`);
      check(acting.length >= 12, `only ${acting.length} controls were found: ${JSON.stringify(controls)}`);
      const idle = [];
      for (const control of acting) {
        const visit = await newLab();
        await visit.open(LINK);
        await visit.page.evaluate(findControls);
        try {
          await mutate(visit, control);
          await sleep(150);
          await visit.call('reset');
          const seen = await outcome(visit);
          if (JSON.stringify(seen) === JSON.stringify(base)) idle.push(`${control.kind} ${control.name}`);
        } catch (error) {
          idle.push(`${control.kind} ${control.name}: ${error.message.split('\n')[0].slice(0, 160)}`);
        }
        await visit.context.close();
      }
      equal(idle, [], 'controls without effect');
    },
  },
  {
    name: 'live-learning-rate',
    about: 'the learning rate acts at once on a running session, without a restart',
    async run(lab) {
      await lab.open('mnist?opt=sgd&lr=0.1&device=cpu');
      const expected = await lab.losses(10);
      await lab.call('reset');
      await lab.losses(5);
      const field = lab.page.getByLabel(/learning rate/i).and(lab.page.locator('input')).filter({ visible: true }).first();
      await field.fill('0.001');
      await field.press('Enter');
      await sleep(300);
      const state = await lab.state();
      equal(state.step, 5, 'the run goes on');
      const after = await lab.losses(5);
      equal(after[0], expected[5], 'the loss of step 6 is from before the change');
      different(after.slice(1), expected.slice(6), 'losses after the change');
    },
  },
  {
    name: 'structural-edit',
    about: 'a structural edit never destroys a run: the page offers a restart, and the run goes on until then',
    async run(lab) {
      await lab.open('mnist?layers=dense:16:relu&device=cpu');
      await lab.call('step', 10);
      const units = lab.page.getByLabel(/units|width/i).and(lab.page.locator('input')).filter({ visible: true }).first();
      await units.fill('24');
      await units.press('Enter');
      await sleep(300);
      equal((await lab.state()).step, 10, 'the run is still there');
      const restart = lab.page.getByRole('button', { name: /restart/i }).filter({ visible: true }).first();
      await restart.waitFor({ timeout: 5_000 });
      await restart.click();
      const state = await lab.until((it) => it.parameters === 784 * 24 + 24 + 24 * 10 + 10, 'the new model');
      check(state.step < 10, 'a fresh run');
    },
  },
  {
    name: 'impossible-shape',
    about: 'an impossible shape is explained at the field before anything runs, and nothing breaks',
    async run(lab) {
      await lab.open('mnist?model=cnn&device=cpu');
      const kernel = lab.page.getByLabel(/kernel/i).and(lab.page.locator('input, select')).filter({ visible: true });
      const last = kernel.last();
      if ((await last.evaluate((it) => it.tagName)) === 'SELECT') await last.selectOption({ index: -1 }).catch(() => {});
      else {
        await last.fill('11');
        await last.press('Enter');
        const first = kernel.first();
        await first.fill('11');
        await first.press('Enter');
      }
      await lab.page.getByText(/does not fit/i).filter({ visible: true }).first().waitFor({ timeout: 5_000 });
      equal((await lab.page.locator('[aria-invalid=true]').count()) > 0, true, 'a field is marked invalid');
      await lab.call('step', 1);
      equal((await lab.state()).step, 1, 'the old session still runs');
    },
  },
  {
    name: 'dataset-browser',
    about: 'samples can be browsed by class',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      await lab.page.getByText(/MNIST/).first().waitFor();
      await lab.page.getByText(/60,000|70,000|48,000/).first().waitFor({ timeout: 10_000 });
    },
  },
];
