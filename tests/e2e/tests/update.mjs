// The next step at one weight: foretold before Step, held against the weight after it.

import { check, different, equal } from '../lib/check.mjs';

// A rule, its name on the page, how many lines its table has, and words that must be among them.
const RULES = [
  ['sgd', 'SGD', 3, 'w − lr g'],
  ['momentum', 'Momentum', 4, 'w − lr v'],
  ['nesterov', 'Nesterov', 5, 'w − lr (g + β v)'],
  ['adagrad', 'AdaGrad', 5, 's + g²'],
  ['rmsprop', 'RMSprop', 5, 'α s + (1 − α) g²'],
  ['adam', 'Adam', 8, 'm / (1 − β₁ᵗ)'],
  ['adamw', 'AdamW', 9, 'lr λ w'],
];

const table = (lab) =>
  lab.page.evaluate(() => ({
    about: document.querySelector('.update .about')?.textContent ?? '',
    rows: [...document.querySelectorAll('.update tbody tr')].map((row) => [...row.children].map((it) => it.textContent)),
    foretold: Number(document.querySelector('.update .new-weight')?.title ?? NaN),
    check: document.querySelector('.update .check')?.textContent ?? '',
  }));

async function openPanel(lab) {
  await lab.page.locator('.follow > summary').click();
  await lab.page.locator('.follow .loss-value').waitFor();
  await lab.click('Backwards');
  await lab.page.locator('.update .new-weight').waitFor();
}

// Waits until the table is about this step with this rule, and returns it.
async function atStep(lab, step, rule) {
  await lab.page.locator('.update .about', { hasText: `Step ${step} with ${rule},` }).waitFor();
  return table(lab);
}

async function stepped(lab, step, rule) {
  await lab.call('step', 1);
  await lab.page.locator('.update .check', { hasText: `Step ${step} is done.` }).waitFor();
  return atStep(lab, step + 1, rule);
}

const number = (text) => Number(text.replace(/[−]/g, '-'));

// What the page says came of the last step.
function outcome({ check: said }) {
  const found = /Foretold: (\S+)\. Found: (\S+)\. Difference: (\S+)\./.exec(said);
  check(found, `the check says ${said}`);
  return { foretold: number(found[1]), found: number(found[2]), difference: found[3] };
}

export default [
  {
    name: 'foretell-every-rule',
    about: 'the new weight that each optimizer is foretold to make is the one that Step makes, to the last digit',
    timeoutMs: 240_000,
    async run(lab) {
      await lab.open('circle?device=cpu');
      await openPanel(lab);
      for (const [rule, label, n_rows, words] of RULES) {
        await lab.call('open', `circle?layers=dense:3:tanh&opt=${rule}&lr=0.05&batch=32&device=cpu`);
        let told = await atStep(lab, 1, label);
        check(/Press Step/.test(told.check), `before any step the check says ${told.check}`);
        equal(told.rows.length, n_rows, `lines of ${rule}`);
        check(told.rows.some((row) => row[1].includes(words)), `${rule} has no line with ${words}: ${JSON.stringify(told.rows)}`);
        for (const step of [1, 2, 3]) {
          const after = await stepped(lab, step, label);
          const { foretold, found, difference } = outcome(after);
          equal(Math.fround(foretold), Math.fround(told.foretold), `${rule}, step ${step}: the weight foretold before and after`);
          equal([found, difference], [foretold, 'none'], `${rule}, step ${step}: found and difference`);
          told = after;
        }
      }
    },
  },
  {
    name: 'foretell-edits',
    about: 'a bias can be chosen; a live edit of the rate changes what is foretold and withdraws the check; several steps are not foretold',
    async run(lab) {
      await lab.open('xor?layers=dense:3:tanh&opt=adam&lr=0.1&l2=0.01&batch=16&device=cpu');
      await openPanel(lab);
      await lab.page.getByLabel('Weight', { exact: true }).selectOption({ label: 'Bias b' });
      await lab.page.locator('.update tbody', { hasNotText: 'Pull of L2' }).waitFor();
      await lab.page.getByLabel('Weight', { exact: true }).selectOption({ index: 1 });
      await lab.page.locator('.update tbody', { hasText: 'Pull of L2' }).waitFor();
      const first = await stepped(lab, 1, 'Adam');
      equal(outcome(first).difference, 'none', 'the difference after the first step');

      const rate = lab.page.getByLabel(/learning rate/i).and(lab.page.locator('input')).filter({ visible: true }).first();
      await rate.fill('0.05');
      await rate.press('Enter');
      await lab.page.locator('.update .about', { hasText: 'lr = 0.0500' }).waitFor();
      const tuned = await table(lab);
      different(tuned.foretold, first.foretold, 'the foretold weight before and after the edit');
      check(/Press Step/.test(tuned.check), `after the edit the check says ${tuned.check}`);
      equal(outcome(await stepped(lab, 2, 'Adam')).difference, 'none', 'the difference after the edit');

      await lab.call('step', 3);
      const later = await atStep(lab, 6, 'Adam');
      check(/Press Step/.test(later.check) || /Step 5 is done/.test(later.check), `after three steps at once the check says ${later.check}`);
    },
  },
  {
    name: 'foretell-narrow',
    about: 'the table of the update does not scroll a phone sideways',
    context: { viewport: { width: 390, height: 844 } },
    async run(lab) {
      await lab.open('gaussians?classes=5&layers=dense:8:gelu,dense:8:tanh&opt=adamw&l1=0.001&l2=0.01&features=x,y,x2,y2&device=cpu');
      await openPanel(lab);
      const { width, scrollWidth } = await lab.page.evaluate(() => ({ width: innerWidth, scrollWidth: document.documentElement.scrollWidth }));
      check(scrollWidth <= width, `${scrollWidth} wide on a screen of ${width}`);
    },
  },
];
