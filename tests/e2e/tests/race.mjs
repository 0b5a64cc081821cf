// The optimizer race: surfaces with a formula, nets with a slice through their loss, links, and the page's manners.

import { violations } from '../lib/axe.mjs';
import { becomes, check, different, equal, eventually, patient } from '../lib/check.mjs';
import { disabled, picture, pictureAtRest, redrawn, textThat } from '../lib/read.mjs';

// Opens a race (`race?on=saddle`) afresh and waits until its form stands.
async function visit(lab, link) {
  await lab.page.goto('about:blank');
  await lab.page.goto(`${lab.server.base}#/${link}`);
  await lab.page.getByRole('heading', { level: 1, name: 'Optimizer race', exact: true }).waitFor();
}

const stage = (lab, text) => lab.page.locator('.race-stage', { hasText: text }).waitFor({ timeout: patient(90_000) });
const outcome = (lab) => lab.page.locator('.race-outcome');
const map = (lab) => lab.page.locator('.race-map canvas');
const losses = (lab) => lab.page.locator('.race-losses canvas');

// Races to the end.
async function race(lab, button = 'Race') {
  await lab.button(button).click();
  await stage(lab, /^Done$/);
}

// The table of results as objects by name: { rate, steps, loss, shown, end }.
async function results(lab) {
  const rows = await lab.page.locator('.race-results tbody tr').evaluateAll((all) =>
    all.map((row) => [row.querySelector('th').innerText.replace(/^\d\s*/, '').trim(), ...[...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())]),
  );
  return Object.fromEntries(rows.map(([name, rate, steps, loss, shown, end]) => [name, { rate, steps, loss, shown, end }]));
}

// The losses before the first step, as the table says them.
async function firstLosses(lab, fits) {
  await lab.page.locator('summary', { hasText: 'Losses as a table' }).click();
  return eventually(() => lab.page.locator('details[open] tbody tr').first().locator('td').allInnerTexts(), fits, 'the losses before the first step');
}

const number = (text) => Number(text.replace('−', '-').replace(/,/g, ''));

const looks = ['light', 'dark'].flatMap((colorScheme) =>
  [[390, 844], [1280, 800]].map(([width, height]) => ({
    name: `race-${width}-${colorScheme}`,
    about: `the race at ${width} px, ${colorScheme}: no sideways scroll, axe-core finds nothing; a picture goes to tests/out`,
    context: { viewport: { width, height }, colorScheme },
    async run(lab, { out }) {
      await visit(lab, 'race?on=himmelblau&steps=100');
      await race(lab);
      const seen = await lab.page.evaluate(() => ({ width: document.documentElement.clientWidth, scrollWidth: document.documentElement.scrollWidth }));
      check(seen.scrollWidth <= seen.width, `it scrolls sideways: ${JSON.stringify(seen)}`);
      await lab.page.screenshot({ path: `${out}/race-${width}-${colorScheme}.png`, fullPage: true });
      const found = await violations(lab);
      check(found.length === 0, found.join('\n'));
    },
  })),
);

export default [
  {
    name: 'race-surface',
    about: 'from week 3 into the long bowl: all seven start at the same height, paths are drawn, Adam gets near the minimum, Again repeats it',
    async run(lab) {
      await lab.page.goto(`${lab.server.base}#/week/3`);
      await lab.page.locator('.week-races').getByRole('link', { name: 'Seven in a long bowl' }).click();
      await lab.page.getByRole('heading', { level: 1, name: 'Optimizer race', exact: true }).waitFor();
      // The empty chart of losses may have nothing on it.
      const [surface, empty] = [await pictureAtRest(map(lab)), await picture(losses(lab))];
      await race(lab);
      await redrawn(map(lab), surface, 'the map with paths');
      await redrawn(losses(lab), empty, 'the curves');
      const first = await results(lab);
      equal(Object.keys(first).sort(), ['AdaGrad', 'Adam', 'AdamW', 'Momentum', 'Nesterov', 'RMSprop', 'SGD'], 'the racers');
      check(Object.values(first).every((it) => it.end === 'arrived' && it.steps === '300'), JSON.stringify(first));
      check(number(first.Adam.shown) < 0.1, `Adam is ${first.Adam.shown} from the minimum`);
      await textThat(outcome(lab), /^Finished after 300 steps: \w+ is lowest/, 'the outcome');
      // ½ (16 + 25) at (−4, 1).
      await firstLosses(lab, (first) => first.length === 7 && first.every((it) => it === '20.5'));
      await race(lab, 'Again');
      await becomes(() => results(lab), first, 'the same race again');
    },
  },
  {
    name: 'race-divergence',
    about: 'a rate past 2 over the curvature: SGD is named as diverged, the others arrive',
    async run(lab) {
      await visit(lab, 'race?racers=sgd@0.2,momentum,adam&steps=200');
      await race(lab);
      const { SGD, Momentum, Adam } = await results(lab);
      // 12.5 · 16ᵗ is past the largest single after 32 steps.
      equal([SGD.end, SGD.steps, SGD.loss], ['diverged', '32', '–'], 'SGD');
      equal([Momentum.end, Momentum.steps, Adam.end, Adam.steps], ['arrived', '200', 'arrived', '200'], 'the others');
      await textThat(outcome(lab), /SGD diverged at step 33\.$/, 'the outcome');
      await textThat(lab.page.locator('.race-whys'), /^SGD diverged: at step/, 'why it diverged');
    },
  },
  {
    name: 'race-net',
    about: 'a net: the same first loss for all, a slice with its share in words, each racer opens as a lab; the lab\'s own run is untouched',
    async run(lab) {
      await lab.open('circle?points=100');
      await lab.call('step', 7);
      await lab.page.evaluate(() => (location.hash = '#/race?on=net&racers=sgd,adam,adamw&steps=60&lab=moons?points=100&seed=3'));
      await lab.page.getByRole('heading', { level: 1, name: 'Optimizer race', exact: true }).waitFor();
      const before = await picture(map(lab));
      await race(lab);
      await redrawn(map(lab), before, 'the map with paths');
      const ended = await results(lab);
      check(Object.values(ended).every((it) => it.end === 'arrived' && /%/.test(it.shown)), JSON.stringify(ended));
      await textThat(lab.page.locator('.race-map figcaption'), /It holds [\d.]+ % of their squared distances/, 'the share in words');
      await firstLosses(lab, (first) => first.length === 3 && /\d/.test(first[0]) && first.every((it) => it === first[0]));
      different(ended.SGD.loss, ended.Adam.loss, 'two optimizers ended alike');
      equal((await lab.state()).step, 7, 'steps of the lab meanwhile');
      await lab.page.locator('.race-results').getByRole('link', { name: 'SGD', exact: true }).click();
      const { link } = await lab.until((state) => state.lab === 'moons' && /ready|paused/i.test(state.phase), 'the lab of SGD', 60_000);
      for (const field of ['points=100', 'opt=sgd', 'lr=0.3', 'seed=3']) check(link.includes(field), `${field} is missing in ${link}`);
    },
  },
  {
    name: 'race-form-and-link',
    about: 'the address holds what the form says and survives a reload; bad fields are refused in words; nobody on is explained; by keyboard',
    async run(lab) {
      await visit(lab, 'race?racers=sgd,adam');
      const rate = lab.page.getByLabel('Rate of Adam', { exact: true });
      await rate.fill('0.5');
      await lab.page.keyboard.press('Tab');
      await lab.page.getByRole('checkbox', { name: 'SGD races' }).focus();
      await lab.page.keyboard.press('Space');
      await lab.page.waitForFunction(() => location.hash === '#/race?racers=adam@0.5');
      await lab.page.reload();
      await rate.waitFor();
      await becomes(() => rate.inputValue(), '0.5', 'the rate after a reload');
      await lab.page.getByRole('checkbox', { name: 'Adam races' }).uncheck();
      await lab.page.getByText('A race needs 1 to 7 racers.').waitFor();
      await disabled(lab.button('Race'), 'Race, with nobody on');
      await lab.page.getByLabel('Race on', { exact: true }).selectOption('rosenbrock');
      await lab.page.getByText('f(x, y) = (1 − x)² + 100 (y − x²)²').waitFor();

      await visit(lab, 'race?on=net&steps=99999&lab=mnist');
      await textThat(lab.page.locator('[role=alert]'), (text) => /steps=99999/.test(text) && /points of a plane/.test(text), 'the bad fields');
    },
  },
  {
    name: 'race-stop',
    about: 'Stop ends a race where it is, with its results',
    async run(lab) {
      await visit(lab, 'race?on=net&steps=2000&lab=spiral');
      await lab.button('Race').click();
      await stage(lab, /^Racing, step [1-9]/);
      await lab.button('Stop').click();
      await lab.page.locator('.race-outcome', { hasText: /^Stopped after/ }).waitFor();
      const isStopped = (ends) => ends.length > 0 && ends.every((it) => it.end === 'stopped' && number(it.steps) < 2000);
      await eventually(async () => Object.values(await results(lab)), isStopped, 'all stopped before their end');
      await stage(lab, /^Done$/);
      await disabled(lab.button('Stop'), 'Stop, with nothing left to stop');
    },
  },
  ...looks,
];
