// Teacher links: what they name is hidden or locked, for hands, keys and scripts; results stay in every case.

import { becomes, check, equal, eventually } from '../lib/check.mjs';
import { countOf, disabled, enabled, textThat } from '../lib/read.mjs';

// Every control that a link can name; those in ONLY_HIDDEN cannot be locked.
const CONTROLS = [
  'data', 'points', 'noise', 'classes', 'features', 'own', 'val', 'model', 'layers', 'init', 'loss', 'opt', 'lr', 'schedule', 'batch', 'l1',
  'l2', 'epochs', 'seed', 'device', 'cores', 'weights', 'follow', 'code',
];
const ONLY_HIDDEN = ['follow', 'code'];
const LOCKABLE = CONTROLS.filter((it) => !ONLY_HIDDEN.includes(it));
const ALL = [`hide=${CONTROLS.join(',')}`, `lock=${LOCKABLE.join(',')}`, `hide=${ONLY_HIDDEN.join(',')}&lock=${LOCKABLE.join(',')}`];
const EACH = CONTROLS.flatMap((it) => [`hide=${it}`, ...(LOCKABLE.includes(it) ? [`lock=${it}`] : [])]);

const pane = (lab) => lab.page.locator('#pane-set-up');
const lossChart = (lab) => lab.page.getByRole('img', { name: /^Loss over the steps/ });

// Opens a link and waits until the page holds to it: another fragment of the same experiment loads nothing anew.
async function open(lab, link) {
  await lab.open(link);
  const [, rules] = /[?&]((?:hide|lock)=.*)$/.exec(link) ?? [];
  await lab.until((state) => !rules || state.link.includes(rules), `the rules of ${link}`);
}

// The curves and their tables, whatever the link says.
async function keepsResults(lab, link) {
  await lossChart(lab).waitFor();
  await lab.page.getByRole('heading', { name: 'Loss', exact: false }).filter({ visible: true }).first().waitFor();
  const table = lab.page.getByRole('button', { name: 'Loss, table', exact: true });
  await table.waitFor();
  await enabled(table, `${link}: the table of the losses`);
  await enabled(lab.button('Play').or(lab.button('Pause')).first(), `${link}: Play`);
}

export default [
  {
    name: 'lesson-hides-and-locks',
    about: 'a hidden control is not in the page, a locked one is shown, disabled and says why; keys and scripts keep to it',
    async run(lab) {
      const LINK = 'xor?seed=5&hide=lr,seed,follow,code&lock=val,layers,opt,weights';
      await open(lab, LINK);
      equal((await lab.state()).link, LINK, 'the address');
      for (const name of ['Learning rate', 'Seed']) await countOf(pane(lab).getByLabel(name, { exact: true }), 0, `fields called ${name}`);
      await countOf(lab.button('New seed'), 0, 'New seed buttons');
      await countOf(lab.page.locator('.follow, .code-view'), 0, 'hidden panels');
      const locked = (name) => pane(lab).getByRole('group', { name: `${name}: locked by this link`, exact: true });
      await disabled(locked('Optimizer').getByLabel('Optimizer', { exact: true }), 'the optimizer');
      await disabled(locked('Validation share').getByLabel('Validation share'), 'the validation share');
      await disabled(locked('Layers').getByLabel('Add a layer'), 'Add a layer');
      // A locked layer can still be read.
      await locked('Layers').locator('summary').first().click();
      await disabled(locked('Layers').getByLabel('Units').first(), 'the units of a layer');
      await enabled(pane(lab).getByLabel('Batch size', { exact: true }), 'the batch size, which is free');

      await lab.page.evaluate(() => document.activeElement?.blur());
      await lab.page.keyboard.press('Shift+R');
      await lab.untilSaid(/Seed: locked by this link/);
      equal((await lab.settled()).seed, 5, 'the seed after Shift+R');
      const refused = await lab.call('newSeed').then(() => '', (error) => error.message);
      check(/Seed: locked by this link/.test(refused), `newSeed() said "${refused}"`);

      await lab.page.locator('.net canvas').focus();
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.locator('.unit-panel').waitFor();
      const boxes = () => lab.page.locator('.unit-panel input').evaluateAll((all) => all.map((it) => it.matches(':disabled')));
      await eventually(boxes, (all) => all.length > 0 && all.every(Boolean), 'weights that cannot be typed');

      await lab.reload();
      equal((await lab.until((state) => /ready|paused/i.test(state.phase), 'the lab after a reload')).link, LINK, 'the address after a reload');
      await lab.page.evaluate(() => (location.hash = 'xor?seed=5'));
      await pane(lab).getByLabel('Learning rate', { exact: true }).waitFor();
    },
  },
  {
    name: 'lesson-own-points',
    about: 'locked own points cannot be set or erased by mouse or keyboard, and the page says so',
    async run(lab) {
      await open(lab, 'own?lock=own');
      const { link } = await lab.state();
      const field = lab.page.locator('.field canvas');
      await field.click({ position: { x: 40, y: 40 } });
      await lab.untilSaid(/Own points: locked by this link/);
      await field.focus();
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.keyboard.press('Enter');
      await disabled(lab.page.getByRole('button', { name: 'Erase all' }), 'Erase all');
      equal((await lab.settled()).link, link, 'the points');
    },
  },
  {
    name: 'lesson-unknown-names',
    about: 'a name that a teacher link does not know is told, and the other names count',
    async run(lab) {
      await lab.open('xor?hide=lr,colour&lock=code,seed');
      await lab.untilSaid(/hide=lr,colour: there is no control colour/);
      await lab.untilSaid(/lock=code,seed: code can only be hidden/);
      equal((await lab.state()).link, 'xor?hide=lr&lock=seed', 'what counts');
    },
  },
  {
    name: 'lesson-keeps-results',
    about: 'no teacher link hides a curve or its table: everything hidden, everything locked, and each control alone',
    timeoutMs: 300_000,
    async run(lab, { note }) {
      let count = 0;
      for (const set of ['xor', 'spiral', 'own', 'hill', 'mnist']) {
        for (const rules of set === 'xor' || set === 'mnist' ? [...ALL, ...EACH] : ALL) {
          await open(lab, `${set}?${rules}`);
          await keepsResults(lab, `${set}?${rules}`);
          count += 1;
        }
        await lab.call('step', 3);
        // One set of points after the other keeps the views, and with them a table that is open.
        const table = lab.page.getByRole('region', { name: 'Loss by step' });
        if ((await lab.button('Loss, table').getAttribute('aria-pressed')) !== 'true') await lab.button('Loss, table').click();
        await textThat(table.locator('tbody tr').first(), /\d/, `${set}: a loss in the table`);
        check((await lab.call('evaluate', 'validation')).count > 0, `${set}: nothing was evaluated`);
      }
      note(`${count} links`);
    },
  },
  {
    name: 'teacher-link',
    about: 'the panel makes a link of what is ticked; opened, it holds; nothing changes on the page where it is made',
    async run(lab) {
      await lab.open('xor?lr=0.05');
      await lab.button('Teacher link').click();
      const dialog = lab.page.getByRole('dialog', { name: 'Teacher link' });
      await dialog.getByLabel('Hide Learning rate').check();
      await dialog.getByLabel('Lock Seed').check();
      await dialog.getByLabel('Lock Layers').check();
      // One rule for each control: hiding it takes the lock away, and a second press sets it free.
      await dialog.getByLabel('Hide Layers').check();
      await becomes(() => dialog.getByLabel('Lock Layers').isChecked(), false, 'the lock of what is hidden');
      await dialog.getByLabel('Hide Layers').uncheck();
      await countOf(dialog.getByLabel('Lock The same in code'), 0, 'boxes to lock what is only read');
      const link = () => dialog.getByLabel('The teacher link').inputValue();
      await becomes(link, `${lab.server.base}#/xor?lr=0.05&hide=lr&lock=seed`, 'the link');
      equal((await lab.state()).link, 'xor?lr=0.05', 'the page where it is made');
      await dialog.getByRole('link', { name: 'Open it here' }).click();
      await lab.until((state) => /hide=lr&lock=seed/.test(state.link), 'the link is opened');
      await dialog.waitFor({ state: 'hidden' });
      await countOf(pane(lab).getByLabel('Learning rate', { exact: true }), 0, 'fields called Learning rate');
      equal((await lab.state()).link, 'xor?lr=0.05&hide=lr&lock=seed', 'the experiment stays');
    },
  },
];
