// Every picture of numbers has a table or a reading by keyboard, with the same numbers.

import { check, equal } from '../lib/check.mjs';

const rowsOf = (table) => table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((it) => it.innerText.trim())));
const region = (lab, name) => lab.page.getByRole('region', { name, exact: true });

// Waits until a table holds something that fits; it follows the numbers at most once a second.
async function rowsThat(lab, name, fits, what) {
  const end = Date.now() + 15_000;
  for (;;) {
    const rows = await rowsOf(region(lab, name));
    if (fits(rows)) return rows;
    check(Date.now() < end, `${what}: ${JSON.stringify(rows).slice(0, 300)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export default [
  {
    name: 'plane-table',
    about: 'the plane has a table of its values and of the points told right, of the answer and of a chosen unit; they follow training',
    async run(lab) {
      await lab.open('circle?layers=dense:4:tanh');
      await lab.button('Plane, table').click();
      const before = await rowsThat(lab, 'Values over the plane', (rows) => rows.length === 9, 'nine rows');
      check(before.every((row) => row.length === 10 && row.slice(1).every((cell) => /^<?[\d.]+ %$/.test(cell))), `the rows are ${JSON.stringify(before[0])}`);
      await lab.call('step', 300);
      const after = await rowsThat(lab, 'Values over the plane', (rows) => JSON.stringify(rows) !== JSON.stringify(before), 'the values after 300 steps');
      // On the circle one class lies in the middle and the other around it.
      const share = (text) => parseFloat(text) / 100;
      check(share(after[4][5]) > 0.5 !== share(after[0][1]) > 0.5, `middle ${after[4][5]}, corner ${after[0][1]}`);

      const state = await lab.state();
      const told = await rowsThat(lab, 'Points by class and answer', (rows) => rows.length === 4, 'two classes in two parts');
      const sum = (rows) => rows.flatMap((row) => row.slice(1).map(Number)).reduce((sum, count) => sum + count, 0);
      equal([sum(told.slice(0, 2)), sum(told.slice(2))], [state.nTrain, state.nValidation], 'points in the table');
      const right = Number(told[2][1]) + Number(told[3][2]);
      // The picture is a grid: next to the border a point may lie on the other side of it.
      check(Math.abs(right / state.nValidation - state.validation.accuracy) < 0.1, `${right} of ${state.nValidation}, and validation says ${state.validation.accuracy}`);

      await lab.page.locator('.net canvas').focus();
      await lab.page.keyboard.press('ArrowRight');
      const caption = region(lab, 'Values over the plane').locator('caption');
      await caption.filter({ hasText: /^Output of / }).waitFor();
      const unit = await rowsOf(region(lab, 'Values over the plane'));
      check(unit.every((row) => row.slice(1).every((cell) => !cell.includes('%'))), `a unit's outputs are ${JSON.stringify(unit[0])}`);
    },
  },
  {
    name: 'gradient-table',
    about: 'the gradient norms have a table with a row for each layer that learns',
    async run(lab) {
      await lab.open('moons?layers=dense:4:tanh,drop:0.1,dense:3:relu');
      await lab.button('Gradient norm, table').click();
      await lab.call('step', 5);
      const rows = await rowsThat(lab, 'Gradient norm by layer', (rows) => rows.length === 3 && rows.every((row) => /\d/.test(row[1])), 'three layers with norms');
      const label = await lab.page.getByRole('img', { name: /^Gradient norm per layer/ }).getAttribute('aria-label');
      check(rows.every((row) => label.includes(`${row[0]} ${row[1]}`)), `the picture says ${label}, the table ${JSON.stringify(rows)}`);
    },
  },
  {
    name: 'kernels-by-keyboard',
    about: 'the weights of the first layer are read one by one with the arrow keys',
    async run(lab) {
      await lab.open('mnist?layers=conv:2:3:same:relu&device=cpu');
      const picture = lab.page.locator('.kernels canvas');
      const reading = lab.page.locator('.kernels .readout');
      await picture.focus();
      await lab.page.keyboard.press('ArrowRight');
      const first = await reading.innerText();
      check(/kernel 0, row 0, column 0: −?[\d.]+/.test(first), `the reading is ${first}`);
      await lab.page.keyboard.press('ArrowDown');
      await lab.page.keyboard.press('ArrowRight');
      check(/kernel 0, row 1, column 1: /.test(await reading.innerText()), `then it is ${await reading.innerText()}`);
      await lab.page.keyboard.press('Escape');
      check(!/row/.test(await reading.innerText()), 'Escape does not end the reading');
    },
  },
  {
    name: 'test-is-not-validation',
    about: 'evaluating the test part leaves the curves as they are: it is never drawn, nor listed, as validation',
    async run(lab) {
      await lab.open('moons?noise=0.3');
      await lab.call('step', 100);
      await lab.call('evaluate', 'validation');
      await lab.button('Loss, table').click();
      const isThere = (rows) => rows.some((row) => row[0] === '100' && /\d/.test(row[3]));
      const before = await rowsThat(lab, 'Loss by step', isThere, 'a validation loss at step 100');
      const { validation } = await lab.state();
      const test = await lab.call('evaluate', 'test');
      check(test.loss !== validation.loss, 'test and validation have the same loss, and nothing can be told from them');
      equal((await lab.state()).validation, validation, 'validation after the test');
      // One more evaluation of another part goes the same way through the page; after it the table has heard of both.
      await lab.call('evaluate', 'train');
      await lab.until((state) => state.test?.loss === test.loss, 'the test result');
      equal(await rowsOf(region(lab, 'Loss by step')), before, 'the table of the losses');
    },
  },
];
