// Labs on points of a plane: they learn in sight, and everything on the stage can be taken hold of.

import { atRest, becomes, changes, check, equal, eventually } from '../lib/check.mjs';
import { pictureAtRest, redrawn, textThat } from '../lib/read.mjs';

const SETS = ['circle', 'moons', 'spiral', 'xor', 'gaussians', 'own', 'plane', 'hill'];
const net = (lab) => lab.page.locator('.net canvas');
const field = (lab) => lab.page.locator('.field canvas');
// How many pixels of the large picture are bluer than orange, and the other way about.
const halves = (lab) =>
  field(lab).evaluate((it) => {
    const { data } = it.getContext('2d').getImageData(0, 0, it.width, it.height);
    let [blue, orange] = [0, 0];
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 2] > data[at] + 40) blue += 1;
      if (data[at] > data[at + 2] + 40) orange += 1;
    }
    return { blue: blue / (it.width * it.height), orange: orange / (it.width * it.height) };
  });

export default [
  {
    name: 'playground-learns-in-sight',
    about: 'the default lab: soon after Play both classes have their ground, the validation points are told right, and a reset repeats it',
    async run(lab, { note }) {
      await lab.open('circle');
      await lab.click('Play');
      // A second is what is promised; how long it took is noted, and not asserted to the tenth on a machine that is shared.
      const begin = Date.now();
      await eventually(() => halves(lab), ({ blue, orange }) => blue > 0.08 && orange > 0.2, 'both classes on their ground');
      note(`both grounds after ${Date.now() - begin} ms`);
      const state = await lab.until((state) => state.validation?.accuracy > 0.95, 'validation accuracy over 95 %');
      await lab.call('pause');
      note(`${Math.round((1000 * state.step) / state.elapsedMs)} steps a second`);
      await lab.click('Reset');
      await lab.until((state) => state.step === 0 && /ready/i.test(state.phase), 'a fresh start');
      const first = await lab.losses(10);
      await lab.click('Reset');
      await lab.until((state) => state.step === 0 && /ready/i.test(state.phase), 'another fresh start');
      equal(await lab.losses(10), first, 'losses after a reset');
    },
  },
  {
    name: 'playground-every-set',
    about: 'every set of points opens, learns, draws its net and its plane, and reads a place under the pointer',
    async run(lab) {
      for (const set of SETS) {
        await lab.open(set);
        const before = await pictureAtRest(field(lab));
        await lab.call('step', 100);
        const { loss } = await lab.state();
        check(Number.isFinite(loss), `${set}: the loss is ${loss}`);
        await redrawn(field(lab), before, `${set}: the plane after 100 steps`);
        await field(lab).hover({ position: { x: 100, y: 60 } });
        await textThat(lab.page.locator('.field .readout'), /^x −?[\d.]+, y −?[\d.]+: .*\d/, `${set}: the read-out`);
      }
    },
  },
  {
    name: 'playground-weights',
    about: 'a unit is chosen by keyboard, its weight is set by typing, and the net changes at once; hostile numbers are refused',
    async run(lab) {
      await lab.open('xor');
      await lab.call('step', 5);
      await net(lab).focus();
      await lab.page.keyboard.press('ArrowRight');
      const panel = lab.page.locator('.unit-panel');
      await panel.getByRole('heading', { name: 'dense1, unit 1' }).waitFor();
      const box = panel.getByLabel('w of x');
      const before = { hash: await lab.weightsHash(), net: await pictureAtRest(net(lab)) };
      await box.fill('2.5');
      await box.press('Tab');
      await redrawn(net(lab), before.net, 'the net with the weight');
      await changes(() => lab.weightsHash(), before.hash, 'the weights');
      await becomes(() => box.inputValue(), '2.50', 'the field');
      const set = await lab.weightsHash();
      await box.fill('1e9');
      await box.press('Tab');
      await panel.getByText('A weight is a number from −1000 to 1000').first().waitFor();
      equal(await lab.weightsHash(), set, 'weights after a number that was refused');
      await net(lab).focus();
      await lab.page.keyboard.press('Escape');
      await panel.waitFor({ state: 'hidden' });
    },
  },
  {
    name: 'playground-own-points',
    about: 'own points are set, dragged and erased on the plane, travel in the link, and survive a reload',
    async run(lab) {
      await lab.open('own');
      const link = async () => (await lab.state()).link;
      const start = await link();
      const box = await atRest(() => field(lab).boundingBox(), Boolean, 'the plane in its place');
      const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];
      await lab.page.mouse.click(...at(0.1, 0.1));
      const { link: added } = await lab.until((state) => state.link !== start, 'another link after a press');
      check(/own=/.test(added) && added.length > start.length, `after a press the link is ${added}`);
      await lab.page.mouse.move(...at(0.1, 0.1));
      await lab.page.mouse.down();
      await lab.page.mouse.move(...at(0.2, 0.15), { steps: 4 });
      await lab.page.mouse.up();
      const { link: dragged } = await lab.until((state) => state.link !== added, 'another link after a drag');
      equal(dragged.length, added.length, 'length of the link after a drag');
      await lab.reload();
      await lab.until((state) => /ready|paused/i.test(state.phase), 'the lab after the reload', 30_000);
      equal(await link(), dragged, 'link after the reload');
      await lab.click('Erase');
      await lab.page.mouse.click(...at(0.2, 0.15));
      await lab.until((state) => state.link.length === start.length, 'the link as long as before, after erasing');
    },
  },
  {
    name: 'playground-features',
    about: 'features are switched on and off, the last one stays, and what a net cannot have is said',
    async run(lab) {
      await lab.open('xor?layers=none');
      const group = lab.page.getByRole('group', { name: 'Features' });
      await group.getByRole('button', { name: 'x y' }).click();
      await lab.until((state) => /features=x,y,xy/.test(state.link) && state.parameters === 4 && state.step === 0, 'x y as a feature');
      await lab.call('step', 300);
      // The steps are told before what validation makes of them.
      await lab.until((state) => state.validation?.accuracy > 0.95, 'one neuron with x y tells the classes apart');
      for (const name of ['x', 'y', 'x y']) await group.getByRole('button', { name, exact: true }).click();
      await lab.until((state) => /features=xy/.test(state.link), 'the last feature stays');
    },
  },
];
