// Every picture of numbers has a table or a reading by keyboard, with the same numbers.

import { atRest, check, equal } from '../lib/check.mjs';
import { attributeThat, rowsOf, rowsThat, textThat } from '../lib/read.mjs';

const region = (lab, name) => lab.page.getByRole('region', { name, exact: true });

export default [
  {
    name: 'plane-table',
    about: 'the plane has a table of its values and of the points told right, of the answer and of a chosen unit; they follow training',
    async run(lab) {
      await lab.open('circle?layers=dense:4:tanh');
      await lab.button('Plane, table').click();
      const isShares = (rows) => rows.length === 9 && rows.every((row) => row.length === 10 && row.slice(1).every((cell) => /^<?[\d.]+ %$/.test(cell)));
      await rowsThat(region(lab, 'Values over the plane'), isShares, 'nine rows of nine shares');
      await lab.call('step', 300);
      // On the circle one class lies in the middle and the other around it. The table of the last step comes a second after it.
      const share = (text) => parseFloat(text) / 100;
      const isLearned = (rows) => isShares(rows) && share(rows[4][5]) > 0.5 !== share(rows[0][1]) > 0.5;
      await rowsThat(region(lab, 'Values over the plane'), isLearned, 'another class in the middle than in the corner');

      const state = await lab.until((it) => it.validation?.step === it.step, 'validation at the last step');
      const sum = (rows) => rows.flatMap((row) => row.slice(1).map(Number)).reduce((sum, count) => sum + count, 0);
      // The picture is a grid: next to the border a point may lie on the other side of it.
      const isTold = (rows) =>
        rows.length === 4 &&
        sum(rows.slice(0, 2)) === state.nTrain &&
        sum(rows.slice(2)) === state.nValidation &&
        Math.abs((Number(rows[2][1]) + Number(rows[3][2])) / state.nValidation - state.validation.accuracy) < 0.1;
      const what = `${state.nTrain} and ${state.nValidation} points, of which as many are told right as ${state.validation.accuracy} says`;
      await rowsThat(region(lab, 'Points by class and answer'), isTold, what);

      await lab.page.locator('.net canvas').focus();
      await lab.page.keyboard.press('ArrowRight');
      const caption = region(lab, 'Values over the plane').locator('caption');
      await caption.filter({ hasText: /^Output of / }).waitFor();
      const isOutput = (rows) => rows.length === 9 && rows.every((row) => row.slice(1).every((cell) => !cell.includes('%')));
      await rowsThat(region(lab, 'Values over the plane'), isOutput, "a unit's outputs");
    },
  },
  {
    name: 'gradient-table',
    about: 'the gradient norms have a table with a row for each layer that learns',
    async run(lab) {
      await lab.open('moons?layers=dense:4:tanh,drop:0.1,dense:3:relu');
      await lab.button('Gradient norm, table').click();
      await lab.call('step', 5);
      const rows = await rowsThat(region(lab, 'Gradient norm by layer'), (rows) => rows.length === 3 && rows.every((row) => /\d/.test(row[1])), 'three layers with norms');
      const isSame = (label) => rows.every((row) => label.includes(`${row[0]} ${row[1]}`));
      await attributeThat(lab.page.getByRole('img', { name: /^Gradient norm per layer/ }), 'aria-label', isSame, `the norms of the table, ${JSON.stringify(rows)}`);
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
      await textThat(reading, /kernel 0, row 0, column 0: −?[\d.]+/, 'the reading');
      await lab.page.keyboard.press('ArrowDown');
      await lab.page.keyboard.press('ArrowRight');
      await textThat(reading, /kernel 0, row 1, column 1: /, 'the reading one down and one right');
      await lab.page.keyboard.press('Escape');
      await textThat(reading, (text) => !/row/.test(text), 'no reading after Escape');
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
      // It follows once a second, and is at rest when it has not changed for longer.
      const table = () => rowsOf(region(lab, 'Loss by step'));
      const before = await atRest(table, isThere, 'a validation loss at step 100', { restMs: 1_500 });
      const { validation } = await lab.state();
      const test = await lab.call('evaluate', 'test');
      check(test.loss !== validation.loss, 'test and validation have the same loss, and nothing can be told from them');
      equal((await lab.state()).validation, validation, 'validation after the test');
      // One more evaluation of another part goes the same way through the page; after it the table has heard of both.
      await lab.call('evaluate', 'train');
      await lab.until((state) => state.test?.loss === test.loss, 'the test result');
      equal(await atRest(table, () => true, 'the table of the losses', { restMs: 1_500 }), before, 'the table of the losses');
    },
  },
];
