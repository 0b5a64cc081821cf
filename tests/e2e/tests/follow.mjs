// Labs on points of a plane: one example followed through the network, number by number.

import { check, eventually } from '../lib/check.mjs';

const LINK = 'xor?layers=dense:3:tanh,dense:2:relu&device=cpu';

// The numbers of the opened panel, at full precision.
const numbersOf = (lab) =>
  lab.page.evaluate(() => {
    const titles = (selector) => [...document.querySelectorAll(`.follow ${selector}`)].map((it) => Number(it.title));
    return { terms: titles('.terms .product'), z: titles('.z')[0], loss: titles('.loss-value')[0] };
  });

async function openPanel(lab) {
  await lab.page.locator('.follow > summary').click();
  await lab.page.locator('.follow .loss-value').waitFor();
}

// 32 bits hold seven digits; the terms are multiplied and added in 64.
function addsUp({ terms, z }, n_inputs) {
  check(terms.length === n_inputs + 1, `${terms.length} terms of ${n_inputs} inputs and a bias`);
  const sum = terms.reduce((sum, term) => sum + term, 0);
  const scale = Math.max(1, ...terms.map(Math.abs));
  check(Math.abs(sum - z) <= 1e-5 * scale, `the terms add up to ${sum}, and z is ${z}`);
}

export default [
  {
    name: 'follow-one-example',
    about: 'the terms of each unit add up to its z, Step changes the loss, Next the example, and nudging agrees with the chain rule',
    async run(lab) {
      await lab.open(LINK);
      await openPanel(lab);
      const first = await eventually(() => numbersOf(lab), (now) => now.loss > 0, 'a loss');
      addsUp(first, 2);

      await lab.call('step', 1);
      const stepped = await eventually(() => numbersOf(lab), (now) => now.loss !== first.loss, 'another loss after a step');
      addsUp(stepped, 2);

      const subject = () => lab.page.locator('.follow .subject').innerText();
      await eventually(subject, (text) => /Training point 1 of \d+, class [01], at step 1/.test(text), 'the example');
      await lab.click('Next point');
      await eventually(subject, (text) => /Training point 2 /.test(text), 'the example after Next');

      // Every unit of the net by name, with as many inputs as the layer below has units.
      const choice = lab.page.getByLabel('Unit (or choose one in the network)');
      for (const [name, n_inputs] of [['dense1, unit 3', 2], ['dense2, unit 1', 3], ['P(class 1)', 2]]) {
        await choice.selectOption({ label: name });
        await lab.page.locator('#neuron-title', { hasText: name }).waitFor();
        addsUp(await eventually(() => numbersOf(lab), (now) => now.terms.length === n_inputs + 1, `${n_inputs} inputs and a bias of ${name}`), n_inputs);
      }

      await lab.click('Backwards');
      await choice.selectOption({ label: 'P(class 1)' });
      // A dash stands where nothing was nudged yet: every number has its title.
      const table = () =>
        lab.page.locator('.backward tbody tr').evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td[title]')].map((it) => Number(it.title))));
      const n_columns = await lab.page.locator('.backward thead th').count();
      const isWhole = (rows) => rows.length === 3 && rows.every((row) => row.length === n_columns - 1);
      const gradients = await eventually(table, isWhole, 'gradients of two inputs and a bias');
      for (const [x, gradient, nudged, step] of gradients) {
        check(Math.abs(gradient - nudged) <= 1e-3, `the chain rule says ${gradient} and nudging ${nudged}`);
        check(step === 0 || Math.sign(step) === -Math.sign(gradient), `a step of ${step} along a gradient of ${gradient} (x = ${x})`);
      }
    },
  },
  {
    name: 'follow-narrow',
    about: 'the opened panel does not scroll a phone sideways, and follows training at a readable pace',
    context: { viewport: { width: 390, height: 844 } },
    async run(lab) {
      await lab.open('gaussians?classes=5&layers=dense:8:gelu,dense:8:tanh&features=x,y,x2,y2&epochs=10000&device=cpu');
      await openPanel(lab);
      await lab.click('Backwards');
      await lab.page.locator('.backward tbody tr').first().waitFor();
      const { width, scrollWidth } = await lab.page.evaluate(() => ({ width: innerWidth, scrollWidth: document.documentElement.scrollWidth }));
      check(scrollWidth <= width, `${scrollWidth} wide on a screen of ${width}`);
      await lab.call('play');
      // Every change of the loss on the page, for two seconds, and longer where nothing has changed by then.
      const { count, ms } = await lab.page.evaluate(async () => {
        const loss = () => document.querySelector('.follow .loss-value')?.title;
        let [count, last] = [0, loss()];
        const begin = performance.now();
        for (let ms = 0; ms < 2_000 || (count < 2 && ms < 20_000); ms = performance.now() - begin) {
          await new Promise((done) => requestAnimationFrame(done));
          if (loss() !== last) [count, last] = [count + 1, loss()];
        }
        return { count, ms: performance.now() - begin };
      });
      await lab.call('pause');
      check(count >= 2 && count / ms <= 9 / 2_000, `${count} changes in ${ms.toFixed(0)} ms`);
    },
  },
];
