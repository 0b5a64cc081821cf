// The activation gallery of week 1.

import { becomes, check, equal, eventually } from '../lib/check.mjs';
import { heading, visit } from '../lib/course.mjs';
import { attributeThat, checked, countOf, frames } from '../lib/read.mjs';

export default [
  {
    name: 'activation-gallery',
    about: 'week 1 shows every activation with its slope: arrow keys choose one and move z, numbers follow, its lab opens',
    async run(lab) {
      await visit(lab, '/week/1');
      const gallery = lab.page.getByRole('region', { name: 'Activation gallery' });
      const names = ['Step', 'ReLU', 'Leaky ReLU', 'ELU', 'GELU', 'SiLU', 'Tanh', 'Sigmoid', 'Softplus', 'Linear'];
      await becomes(async () => (await gallery.locator('.tile').allInnerTexts()).map((text) => text.trim()), names, 'the functions');
      for (const name of names) await gallery.getByRole('radio', { name, exact: true }).waitFor();
      const drawn = () =>
        gallery.locator('canvas').evaluateAll((all) =>
          all.filter((it) => it.width > 80 && it.getContext('2d').getImageData(0, 0, it.width, it.height).data.some((byte) => byte > 0)).length,
        );
      await becomes(drawn, names.length + 1, 'plots with something on them');

      const reading = async () => (await gallery.locator('.gallery-reading dd').allInnerTexts()).map((text) => text.trim());
      const slider = gallery.getByRole('slider', { name: 'z', exact: true });
      const press = async (key, times = 1) => {
        for (let nth = 0; nth < times; nth++) await lab.page.keyboard.press(key);
      };
      // σ(1) = 0.7311, σ(1) (1 − σ(1)) = 0.1966.
      await becomes(reading, ['1.0', '0.731', '0.197', 'it learns'], 'sigmoid as it opens');
      await slider.focus();
      await press('ArrowLeft', 10);
      await becomes(reading, ['0.0', '0.500', '0.250', 'it learns'], 'sigmoid at zero');
      await becomes(() => slider.getAttribute('aria-valuetext'), 'z 0.0, value 0.500, slope 0.250', 'the slider says it');
      await press('Home');
      await eventually(reading, ([z, , slope, here]) => z === '−6.0' && Number(slope) < 0.05 && /hardly/.test(here), 'sigmoid far out');

      // Arrow keys go along the functions, in the order they stand.
      await gallery.getByRole('radio', { name: 'Step', exact: true }).focus();
      await press('Space');
      await countOf(gallery.getByRole('link'), 0, 'labs of the step');
      await press('ArrowRight');
      await checked(gallery.getByRole('radio', { name: 'ReLU', exact: true }), 'the next function after the arrow key');
      await becomes(reading, ['−6.0', '0', '0', 'flat: nothing is learned'], 'ReLU at −6');
      const label = /^ReLU.* z = −6\.0: value 0, slope 0\. Flat up to 0\.$/;
      await attributeThat(gallery.getByRole('img').last(), 'aria-label', label, 'the text alternative');
      const formulas = () => gallery.locator('.gallery-formulas math').evaluateAll((all) => all.map((it) => it.getAttribute('aria-label')));
      await becomes(formulas, ['f of z is the larger of zero and z', 'the slope is one where z is positive and zero where z is negative'], 'its formulas');
      await gallery.locator('summary').click();
      const rows = async () => (await gallery.locator('tbody tr').allInnerTexts()).map((row) => row.split(/\s+/).join(' '));
      await becomes(rows, ['−3 0 0', '−2 0 0', '−1 0 0', '0 0 0', '1 1.00 1.00', '2 2.00 1.00', '3 3.00 1.00'], 'the table');

      for (const [name, id] of [['Sigmoid', 'sigmoid'], ['GELU', 'gelu']]) {
        await visit(lab, '/week/1');
        await gallery.getByRole('radio', { name, exact: true }).check();
        await gallery.getByRole('link', { name: 'Train a small net with it' }).click();
        const { link } = await lab.until((state) => state.lab === 'circle' && /ready|paused/i.test(state.phase), `the lab of ${name}`, 60_000);
        equal(link, `circle?layers=dense:4:${id},dense:2:${id}`, 'the lab');
        await frames(lab);
        equal(await lab.page.locator('[role=alert] p').count(), 0, 'refusals');
        await lab.page.getByRole('link', { name: 'Lesson' }).click();
        await heading(lab, 'Neurons').waitFor();
      }
    },
  },
];
