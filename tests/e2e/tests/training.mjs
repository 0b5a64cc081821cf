// What a visitor does first: play, pause, step, reset, draw.

import { check, different, equal, eventually } from '../lib/check.mjs';
import { accuracyOf, smooth } from '../lib/lab.mjs';

const CPU = 'mnist?device=cpu';

export default [
  {
    name: 'first-play',
    about: 'First Play: over 80 % on validation within 5 s on the CPU worker',
    async run(lab, { note }) {
      await lab.open(CPU);
      const begin = Date.now();
      await lab.click('Play');
      await lab.until((state) => accuracyOf(state.validation) > 0.8, 'validation accuracy over 80 %', 30_000);
      const seconds = (Date.now() - begin) / 1000;
      note(`${seconds.toFixed(1)} s`);
      check(seconds <= 5, `it took ${seconds} s`);
    },
  },
  {
    name: 'train-to-95',
    about: 'the default MLP reaches 95 % on validation, and the page shows it',
    async run(lab, { note }) {
      await lab.open(CPU);
      const begin = Date.now();
      await lab.click('Play');
      const state = await lab.until((it) => accuracyOf(it.validation) >= 0.95, 'validation accuracy of 95 %', 100_000);
      note(`step ${state.step}, ${((Date.now() - begin) / 1000).toFixed(1)} s, ${Math.round(state.examplesPerSec)} examples/s`);
      await lab.call('pause');
    },
  },
  {
    name: 'accuracy-mlp',
    about: 'the default MLP reaches 97 % test accuracy within 3 epochs',
    timeoutMs: 300_000,
    run: (lab, tools) => testAccuracy(lab, tools, 'mnist?epochs=3&device=cpu', 0.97),
  },
  {
    name: 'accuracy-cnn',
    about: 'the default CNN reaches 98.7 % test accuracy within 3 epochs',
    timeoutMs: 900_000,
    run: (lab, tools) => testAccuracy(lab, tools, 'mnist?model=cnn&epochs=3&device=cpu', 0.987),
  },
  {
    name: 'draw',
    about: 'a digit drawn with the mouse is read while drawing and while training; Clear clears it',
    async run(lab) {
      await lab.open('mnist?batch=256&epochs=20&device=cpu');
      await lab.click('Epoch');
      await lab.until((state) => state.epoch === 1 && !/training/i.test(state.phase), 'the first epoch', 60_000);
      const one = [smooth([[0.55, 0.14], [0.53, 0.4], [0.51, 0.65], [0.49, 0.88]], 10)];
      let during = null;
      await lab.draw(one, async () => {
        during = await lab.drawing();
      });
      equal(during.probabilities.length, 10, 'probabilities while the button is held');
      // The answer to the beginning of the stroke may be another one, and comes first.
      const after = await lab.drawing((it) => it?.digit === 1);
      const sum = after.probabilities.reduce((a, b) => a + b, 0);
      check(Math.abs(sum - 1) < 1e-4, `the probabilities sum to ${sum}`);
      const before = JSON.stringify(after.probabilities);
      await lab.click('Play');
      await lab.drawing((it) => it?.probabilities && JSON.stringify(it.probabilities) !== before);
      await lab.click('Pause');
      await lab.clear();
    },
  },
  {
    name: 'pause',
    about: 'Pause acts within one batch, by button and by script',
    async run(lab, { note }) {
      await lab.open('mnist?model=cnn&batch=512&device=cpu');
      await lab.call('play');
      await lab.until((state) => state.step >= 2, 'two steps', 60_000);
      await lab.call('pause');
      const stopped = await lab.state();
      check(/paused/i.test(stopped.phase), `phase ${stopped.phase} after the pause`);
      equal(await stepsAfterward(lab), stopped.step, 'steps after the pause was confirmed');
      await lab.click('Play');
      const running = await lab.until((state) => state.step > stopped.step + 1, 'more steps');
      const begin = Date.now();
      await lab.click('Pause');
      await lab.until((state) => /paused/i.test(state.phase), 'the button pauses');
      const ms = Date.now() - begin;
      const paused = await lab.state();
      note(`${ms} ms, ${paused.step - running.step} steps of ${(512000 / paused.examplesPerSec).toFixed(0)} ms`);
      equal(await stepsAfterward(lab), paused.step, 'steps after the button');
    },
  },
  {
    name: 'step-and-epoch',
    about: 'Step is exactly one optimizer step, Epoch goes to the end of the epoch',
    async run(lab) {
      await lab.open('mnist?batch=1024&device=cpu');
      for (const expected of [1, 2, 3]) {
        await lab.click('Step');
        await lab.until((state) => state.step >= expected, `step ${expected}`);
        equal((await lab.settled()).step, expected, 'one press, one step');
      }
      await lab.click('Epoch');
      const state = await lab.until((it) => it.epoch === 1, 'the end of the epoch', 60_000);
      equal(state.step, Math.ceil(48_000 / 1024), 'steps in an epoch of 48,000 in batches of 1,024');
      await lab.call('step', 5);
      equal((await lab.state()).step, 52, 'step(5)');
    },
  },
  {
    name: 'reset-repeats',
    about: 'Reset gives the same losses to the bit, and so does another visit; New seed gives others',
    async run(lab, { newLab }) {
      const link = 'mnist?layers=dense:32:linear,bn,act:relu,drop:0.3&batch=32&device=cpu';
      await lab.open(link);
      const losses = await lab.losses(25);
      const hash = await lab.weightsHash();
      check(losses.every((loss) => Number.isFinite(loss)) && new Set(losses).size > 20, `losses ${losses}`);
      await lab.click('Reset');
      await lab.until((state) => state.step === 0, 'step 0');
      equal(await lab.losses(25), losses, 'losses after Reset');
      equal(await lab.weightsHash(), hash, 'weights after Reset');
      const other = await newLab();
      await other.open(link);
      equal(await other.losses(25), losses, 'losses of another visit');
      equal(await other.weightsHash(), hash, 'weights of another visit');
      const { seed } = await lab.state();
      await lab.click('New seed');
      await lab.until((state) => state.step === 0 && state.seed !== seed, 'another seed');
      different(await lab.losses(5), losses.slice(0, 5), 'losses of another seed');
    },
  },
  {
    name: 'test-on-demand',
    about: 'the test part is evaluated on demand only, and changes nothing',
    async run(lab) {
      await lab.open('mnist?batch=512&device=cpu');
      await lab.click('Epoch');
      await lab.until((state) => state.epoch === 1 && accuracyOf(state.validation) > 0, 'an epoch and its validation', 60_000);
      check((await lab.state()).test == null, 'the test part was evaluated unasked');
      const hash = await lab.weightsHash();
      await lab.call('evaluate', 'test');
      const { test, validation } = await lab.until((state) => state.test != null, 'a test result', 60_000);
      check(accuracyOf(test) > 0.85, `test ${JSON.stringify(test)}`);
      different(test, validation, 'test and validation');
      if (test.count !== undefined) equal(test.count, 10_000, 'examples in the test part');
      equal(await lab.weightsHash(), hash, 'weights after the evaluation');
    },
  },
  {
    name: 'predict-and-weights',
    about: 'predict() gives probabilities, weights() a safetensors file of the right shapes',
    async run(lab) {
      await lab.open(CPU);
      await lab.call('step', 5);
      const probabilities = await lab.page.evaluate(async () => {
        const pixels = new Float32Array(784).map((_, idx) => (idx % 28 === 14 ? 1 : 0));
        return Array.from(await window.descent.predict(pixels));
      });
      equal(probabilities.length, 10, 'number of probabilities');
      check(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1) < 1e-4, `probabilities ${probabilities}`);
      const refusal = await lab.page.evaluate(() =>
        Promise.resolve(window.descent.predict(new Float32Array(7))).then(() => null, (error) => String(error?.message ?? error)),
      );
      check(refusal, 'seven pixels were taken for a digit');
      const bytes = Buffer.from(await lab.weights());
      const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
      equal(header['dense1.weight'].shape, [784, 128], 'shape of dense1.weight');
      equal(header['dense2.bias'].shape, [10], 'shape of dense2.bias');
      const { parameters } = await lab.state();
      equal(parameters, 101_770, 'parameters of the default MLP');
    },
  },
  {
    name: 'divergence',
    about: 'a run that diverges stops and names a layer and what to do',
    async run(lab) {
      await lab.open('mnist?opt=sgd&lr=10&layers=dense:64:linear,dense:64:linear&device=cpu');
      await lab.click('Play');
      await lab.until((state) => /diverged/i.test(state.phase), 'divergence', 60_000);
      const text = await lab.untilSaid(/dense\d/);
      check(/learning rate/i.test(text), `the advice: ${text}`);
      const { step } = await lab.state();
      equal((await lab.settled()).step, step, 'steps after divergence');
      await lab.click('Reset');
      await lab.until((state) => state.step === 0 && /ready/i.test(state.phase), 'Reset after divergence');
    },
  },
  {
    name: 'events',
    about: 'on(event, f) tells steps to scripts',
    async run(lab) {
      await lab.open(CPU);
      await lab.page.evaluate(() => {
        window.__heard = {};
        for (const event of ['state', 'phase', 'step', 'steps', 'evaluated', 'validation']) {
          try {
            window.descent.on(event, () => (window.__heard[event] = (window.__heard[event] ?? 0) + 1));
          } catch {
            // An unknown event may be refused.
          }
        }
      });
      await lab.call('step', 3);
      await eventually(() => lab.page.evaluate(() => window.__heard), (heard) => heard.step === 3, 'three steps told');
    },
  },
];

// The step at which the run stands once the worker has gone through all of the validation part: time enough for more steps.
async function stepsAfterward(lab) {
  await lab.call('evaluate', 'validation');
  return (await lab.settled()).step;
}

async function testAccuracy(lab, { note }, link, least) {
  await lab.open(link);
  const begin = Date.now();
  await lab.click('Play');
  const done = await lab.until((state) => /done/i.test(state.phase), 'three epochs', 850_000);
  equal(done.epoch, 3, 'epochs');
  const seconds = (Date.now() - begin) / 1000;
  await lab.call('evaluate', 'test');
  const { test } = await lab.until((state) => state.test != null, 'a test result', 60_000);
  note(`${(100 * accuracyOf(test)).toFixed(2)} % after 3 epochs in ${seconds.toFixed(0)} s`);
  check(accuracyOf(test) >= least, `test accuracy ${accuracyOf(test)}, and ${least} is asked for`);
}
