// What is closed at first: panels, tables and dialogs, opened one by one for axe-core; and that nothing moves where calm is asked for.

import { check, equal } from '../lib/check.mjs';
import { violations } from '../lib/axe.mjs';
import { eachPane, still } from './access.mjs';

const PLANE = 'moons?layers=dense:4:tanh&hide=seed&lock=init,weights';
const PICTURES = 'mnist?layers=dense:16:relu&device=cpu';

// Opens everything a lab on points has closed at first, in the panes that hold it.
async function openAll(lab) {
  await lab.page.evaluate(() => document.querySelectorAll('.follow, .code-view, #pane-set-up details').forEach((it) => (it.open = true)));
  for (const name of ['Plane, table', 'Loss, table', 'Gradient norm, table']) {
    // On a phone the other panes are there and not shown.
    await lab.page.locator(`button[aria-label="${name}"]`).evaluate((it) => it.click());
  }
  await lab.page.locator('.follow .loss-value').waitFor({ state: 'attached' });
  await lab.page.locator('.code-view pre').waitFor({ state: 'attached' });
  await lab.page.locator('.plane-table td').first().waitFor({ state: 'attached' });
}

// The dialogs of a lab: how each is opened, and its name.
const DIALOGS = [
  ['Help', /Keyboard/],
  ['Teacher link', /Teacher link/],
  ['Browse data', /./],
];

const axe = ['light', 'dark'].flatMap((colorScheme) => [
  ...[1280, 390].map((width) => ({
    name: `axe-opened-${width}-${colorScheme}`,
    about: `axe-core finds nothing in the opened follow panel, code view and tables, some of it locked, at ${width} px, ${colorScheme}`,
    context: { viewport: { width, height: 844 }, colorScheme },
    async run(lab) {
      await lab.open(PLANE);
      await lab.call('step', 30);
      await openAll(lab);
      const found = [];
      await eachPane(lab, async (pane) => found.push(...(await violations(lab)).map((it) => `${pane}: ${it}`)));
      check(found.length === 0, found.join('\n'));
    },
  })),
  {
    name: `axe-dialogs-${colorScheme}`,
    about: `axe-core finds nothing in any dialog, ${colorScheme}`,
    context: { colorScheme },
    async run(lab) {
      await lab.open(PICTURES);
      const found = [];
      for (const [button, name] of DIALOGS) {
        await lab.click(button);
        const dialog = lab.page.getByRole('dialog', { name });
        await dialog.waitFor();
        await still(lab, `the dialog ${button}`);
        found.push(...(await violations(lab)).map((it) => `${button}: ${it}`));
        await lab.page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
      }
      check(found.length === 0, found.join('\n'));
    },
  },
]);

// Collects the names of everything that moves for longer than an eye notices, in every frame until it is asked.
function watchMotion() {
  window.__moving = new Set();
  const look = () => {
    for (const it of document.getAnimations()) {
      if (it.playState === 'running' && it.effect?.getComputedTiming().duration > 10) {
        window.__moving.add(it.animationName ?? it.transitionProperty ?? 'animation');
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

export default [
  ...axe,
  {
    name: 'reduced-motion-everywhere',
    about: 'where less motion is asked for nothing animates: course, labs while they train, panels and dialogs as they open',
    context: { reducedMotion: 'reduce' },
    async run(lab) {
      await lab.page.addInitScript(watchMotion);
      const moving = () => lab.page.evaluate(() => [...window.__moving]);
      await lab.page.goto(`${lab.server.base}#/`);
      await lab.page.locator('main h1').waitFor();
      await lab.until((state) => /ready/i.test(state.phase), 'the small network of the first page');
      equal((await lab.settled()).step, 0, 'steps that the first page takes by itself');
      await lab.page.evaluate(() => (location.hash = '/week/1'));
      await lab.page.getByRole('heading', { level: 2, name: 'Labs' }).waitFor();
      equal(await moving(), [], 'what moves in the course');

      for (const link of [PLANE, PICTURES]) {
        await lab.open(link);
        await lab.call('play');
        await lab.until((state) => state.step > 20, `training ${link}`);
        if (link === PLANE) await openAll(lab);
        await lab.click('Teacher link');
        await lab.page.getByRole('dialog').waitFor();
        await lab.page.keyboard.press('Escape');
        await lab.page.getByRole('dialog').waitFor({ state: 'hidden' });
        await lab.call('pause');
        equal(await moving(), [], `what moves in ${link}`);
      }
    },
  },
];
