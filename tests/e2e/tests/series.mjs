// Series: forecasts beside their baselines, the test period on demand, what goes on inside a cell, and a series of one's own.

import { violations } from '../lib/axe.mjs';
import { becomes, check, different, equal, eventually } from '../lib/check.mjs';
import { countOf } from '../lib/read.mjs';
import { eachPane, noSidewaysScroll } from './access.mjs';

const METHODS = ['last', 'linear', 'mean', 'model'];
const outlook = (lab) => lab.page.locator('.outlook');
const chart = (lab) => lab.page.locator('.outlook-chart');

// The forecast of a split that was made at this step.
const forecastAt = async (lab, step, split = 'validation') =>
  (await lab.until((state) => state.forecast?.[split]?.step === step, `the ${split} forecast of step ${step}`)).forecast[split];

const lines = (n, of) => Array.from({ length: n }, (_, idx) => of(idx)).join('\n');
const choose = (lab, text, name = 'series.csv') =>
  lab.page.locator('.own-series input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

export default [
  {
    name: 'series-walk-forward',
    about: 'stocks: forecasts lie behind the training period, baselines are there before the first step, and the test period only when asked for',
    async run(lab) {
      await lab.open('stocks');
      const first = await forecastAt(lab, 0);
      equal(Object.keys(first.errors), METHODS, 'methods');
      const { last, mean } = first.errors;
      check(last.absolute > 0.1 && last.absolute < 0.6 && mean.absolute > last.absolute, `baselines ${JSON.stringify(first.errors)}`);
      await forecastAt(lab, 0, 'train');
      const { forecast } = await lab.settled();
      check(!forecast.test, 'the test period was forecast before anybody asked');
      check(forecast.train.period[1] < first.period[0], `training to ${forecast.train.period[1]}, validation from ${first.period[0]}`);
      await lab.call('step', 60);
      const later = await forecastAt(lab, 60);
      check(later.errors.model.absolute < first.errors.model.absolute, `60 steps: ${first.errors.model.absolute} to ${later.errors.model.absolute}`);
      equal(later.errors.last, last, 'the last value after 60 steps');
      await eventually(() => outlook(lab).locator('.verdict').first().innerText(), (text) => /The LSTM does not beat the last value/.test(text), 'the verdict');
      check(!(await lab.settled()).forecast.test, 'training made a test forecast');
      await lab.click('Forecast the test period');
      const test = await forecastAt(lab, 60, 'test');
      check(test.period[0] > first.period[1], `validation to ${first.period[1]}, test from ${test.period[0]}`);
      await outlook(lab).getByRole('columnheader', { name: 'Test, step 60' }).waitFor();
      await lab.button('Forecast the test period').waitFor({ state: 'hidden' });
    },
  },
  {
    name: 'series-random-walk',
    about: 'nothing beats the last value on a random walk, and the page says why',
    async run(lab) {
      await lab.open('random-walk?model=gru&seed=2');
      await lab.call('step', 150);
      await forecastAt(lab, 150);
      await lab.call('evaluate', 'test');
      const test = await forecastAt(lab, 150, 'test');
      const validation = await forecastAt(lab, 150);
      for (const method of ['model', 'mean', 'linear']) {
        for (const part of [validation, test]) different(part.errors[method].finding, 'better', `${method} on a random walk`);
      }
      await outlook(lab).getByText(/Nothing can beat the last value here/).waitFor();
    },
  },
  {
    name: 'series-keyboard',
    about: 'the chart is read by keyboard and as a table, and zooms to the test period',
    async run(lab) {
      await lab.open('passengers');
      await forecastAt(lab, 0);
      await chart(lab).focus();
      const date = () => outlook(lab).locator('.legend .date').innerText();
      await lab.page.keyboard.press('End');
      await eventually(date, (text) => text === '1960-12', 'the last date');
      await lab.page.keyboard.press('ArrowLeft');
      await eventually(date, (text) => text === '1960-11', 'one back');
      await lab.page.keyboard.press('Home');
      await eventually(date, (text) => text === '1949-01', 'the first date');
      await lab.page.keyboard.press('t');
      const table = lab.page.getByRole('region', { name: 'Forecasts by time' });
      await table.waitFor();
      await lab.click('Show Test');
      await eventually(() => table.getByRole('rowheader').first().innerText(), (text) => text === '1960-12', 'the table of the test period');
      await eventually(() => chart(lab).getAttribute('aria-label'), (text) => /Left and right read values/.test(text), 'what the chart says');
    },
  },
  {
    name: 'series-inside',
    about: 'gates and states of the LSTM over the window, and gradients of all three cells by time step, as pictures and tables',
    async run(lab) {
      await lab.open('sunspots');
      await forecastAt(lab, 0);
      const inside = lab.page.locator('.inside-cell');
      await eventually(() => inside.locator('.subject').innerText(), (text) => /lstm1, the window that foretells/.test(text), 'what is shown');
      await inside.getByRole('button', { name: 'Inside a cell, table' }).click();
      const states = lab.page.getByRole('region', { name: 'Gates and states of one unit by step' });
      await becomes(() => states.getByRole('columnheader').allInnerTexts(), ['Step', 'input', 'forget', 'candidate', 'output', 'cell', 'hidden'], 'parts');
      await inside.getByRole('button', { name: 'Gradient by step, table' }).click();
      const gradients = lab.page.getByRole('region', { name: 'Length of the gradient by step' });
      const isAll = (names) => ['RNN', 'GRU', 'LSTM'].every((cell) => names.includes(`${cell} at first weights`));
      await eventually(() => gradients.getByRole('columnheader').allInnerTexts(), isAll, 'all three cells', 30_000);
      await countOf(gradients.getByRole('rowheader'), 30, 'steps');
      await lab.open('sunspots?model=mlp');
      await forecastAt(lab, 0);
      await lab.page.getByText('This net carries no state through time.').waitFor();
    },
  },
  {
    name: 'series-own',
    about: 'a series from a CSV file and from pasting: it travels in the link, bad files are refused in words',
    async run(lab) {
      await lab.open('own-series');
      await choose(lab, `day,temp\n${lines(60, (idx) => `2024-${idx},${idx === 7 ? 'warm' : idx}`)}\n`);
      await lab.untilSaid(/Line 9, column 2 \(temp\): “warm” is not a number/);
      await choose(lab, `day,temp\n${lines(60, (idx) => `2024-${idx},${20 + 5 * (idx % 6) + idx / 4}`)}\n`);
      await lab.untilSaid(/60 values of the column temp are taken/);
      const { link } = await lab.until((state) => /own-series\?values=2\./.test(state.link), 'the values in the link');
      await lab.click('Reset');
      const { errors } = await forecastAt(lab, 0);
      check(errors.linear.absolute < errors.last.absolute / 10, `six seasons and a slope are linear: ${JSON.stringify(errors)}`);
      await lab.untilSaid(/Line 2: “2024-0” is no date .* so the values are numbered/);
      await lab.open(link);
      equal((await lab.state()).link, link, 'the link after a reload');
      await choose(lab, `${lines(60, (idx) => `${1990 + Math.floor(idx / 12)}-${`${(idx % 12) + 1}`.padStart(2, '0')},${idx % 12}`)}\n`);
      await lab.untilSaid(/60 values are taken\. Their dates are 1990-01 to 1994-12\./);
      await lab.click('Reset');
      await eventually(() => chart(lab).getAttribute('aria-label'), (text) => /60 values from 1990-01 to 1994-12\./.test(text), 'what the chart shows');
      await eventually(() => outlook(lab).locator('.date').innerText(), (text) => /^199[34]-\d\d$/.test(text), 'the date that is read');
      const dated = (await lab.until((state) => /\.1990-01\.01/.test(state.link), 'the dates in the link')).link;
      await lab.open(dated);
      equal((await lab.state()).link, dated, 'the link with dates after a reload');
      await lab.page.getByText('Paste values').click();
      await lab.page.getByLabel('Values, one a line').fill(lines(50, (idx) => `${idx}`));
      await lab.click('Use these values');
      await lab.untilSaid(/50 values are taken/);
      await lab.until((state) => /values=0\.0\./.test(state.link), 'the pasted values in the link');
      const told = lab.page.locator('.own-series ~ [role="status"]');
      const waits = (does) => eventually(() => told.innerText(), (text) => /Press Reset/.test(text) === does, `waiting for Reset: ${does}`);
      await waits(false);
      await lab.call('step', 5);
      await lab.page.getByLabel('Values, one a line').fill(lines(60, (idx) => `${idx % 7}`));
      await lab.click('Use these values');
      await waits(true);
      await lab.click('Reset');
      await waits(false);
      await lab.until((state) => state.step === 0, 'the start');
      equal(await lab.page.locator('.alerts li').allInnerTexts(), [], 'what asks for attention');
    },
  },
  {
    name: 'series-phone',
    about: 'nothing scrolls sideways at 390 px, and axe-core finds nothing wrong',
    context: { viewport: { width: 390, height: 844 } },
    async run(lab) {
      await lab.open('temperatures');
      await lab.call('step', 20);
      await lab.call('evaluate', 'test');
      await forecastAt(lab, 20, 'test');
      const found = [];
      await eachPane(lab, async (pane) => {
        await noSidewaysScroll(lab, pane);
        found.push(...(await violations(lab)).map((violation) => `${pane}: ${violation}`));
      });
      check(found.length === 0, found.join('\n'));
    },
  },
];
