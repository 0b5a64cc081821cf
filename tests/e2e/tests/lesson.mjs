// Teacher links: what they name is hidden or locked, for hands, keys and scripts; results stay in every case.

import { check, equal } from '../lib/check.mjs';

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
  check(await lossChart(lab).isVisible(), `${link}: the loss curve is gone`);
  check(await lab.page.getByRole('heading', { name: 'Loss', exact: false }).filter({ visible: true }).count(), `${link}: the loss has no heading`);
  const table = lab.page.getByRole('button', { name: 'Loss, table', exact: true });
  check((await table.isVisible()) && (await table.isEnabled()), `${link}: the table of the losses is gone`);
  check(await lab.button('Play').or(lab.button('Pause')).first().isEnabled(), `${link}: nothing can be played`);
}

export default [
  {
    name: 'lesson-hides-and-locks',
    about: 'a hidden control is not in the page, a locked one is shown, disabled and says why; keys and scripts keep to it',
    async run(lab) {
      const LINK = 'xor?seed=5&hide=lr,seed,follow,code&lock=val,layers,opt,weights';
      await open(lab, LINK);
      equal((await lab.state()).link, LINK, 'the address');
      for (const name of ['Learning rate', 'Seed']) equal(await pane(lab).getByLabel(name, { exact: true }).count(), 0, `fields called ${name}`);
      equal(await lab.button('New seed').count(), 0, 'New seed buttons');
      equal(await lab.page.locator('.follow, .code-view').count(), 0, 'hidden panels');
      const locked = (name) => pane(lab).getByRole('group', { name: `${name}: locked by this link`, exact: true });
      check(await locked('Optimizer').getByLabel('Optimizer', { exact: true }).isDisabled(), 'the optimizer can be changed');
      check(await locked('Validation share').getByLabel('Validation share').isDisabled(), 'the validation share can be changed');
      check(await locked('Layers').getByLabel('Add a layer').isDisabled(), 'a layer can be added');
      // A locked layer can still be read.
      await locked('Layers').locator('summary').first().click();
      check(await locked('Layers').getByLabel('Units').first().isDisabled(), 'a layer can be changed');
      check(await pane(lab).getByLabel('Batch size', { exact: true }).isEnabled(), 'what is free is disabled');

      await lab.page.evaluate(() => document.activeElement?.blur());
      await lab.page.keyboard.press('Shift+R');
      await lab.untilSaid(/Seed: locked by this link/);
      equal((await lab.state()).seed, 5, 'the seed after Shift+R');
      const refused = await lab.call('newSeed').then(() => '', (error) => error.message);
      check(/Seed: locked by this link/.test(refused), `newSeed() said "${refused}"`);

      await lab.page.locator('.net canvas').focus();
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.locator('.unit-panel').waitFor();
      const boxes = await lab.page.locator('.unit-panel input').evaluateAll((all) => all.map((it) => it.matches(':disabled')));
      check(boxes.every(Boolean), `weights can be typed: ${boxes}`);

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
      check(await lab.page.getByRole('button', { name: 'Erase all' }).isDisabled(), 'points can be erased');
      equal((await lab.state()).link, link, 'the points');
    },
  },
  {
    name: 'lesson-unknown-names',
    about: 'a name that a teacher link does not know is told, and the other names count',
    async run(lab) {
      await lab.open('xor?hide=lr,colour&lock=code,seed');
      const said = (await lab.said()).join('\n');
      check(/hide=lr,colour: there is no control colour/.test(said), `said: ${said}`);
      check(/lock=code,seed: code can only be hidden/.test(said), `said: ${said}`);
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
        if (!(await table.isVisible())) await lab.button('Loss, table').click();
        const row = table.locator('tbody tr').first();
        await row.waitFor();
        check(/\d/.test(await row.innerText()), `${set}: the table holds nothing`);
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
      check(!(await dialog.getByLabel('Lock Layers').isChecked()), 'a control is hidden and locked');
      await dialog.getByLabel('Hide Layers').uncheck();
      equal(await dialog.getByLabel('Lock The same in code').count(), 0, 'boxes to lock what is only read');
      const link = await dialog.getByLabel('The teacher link').inputValue();
      equal(link, `${lab.server.base}#/xor?lr=0.05&hide=lr&lock=seed`, 'the link');
      equal((await lab.state()).link, 'xor?lr=0.05', 'the page where it is made');
      await dialog.getByRole('link', { name: 'Open it here' }).click();
      await lab.until((state) => /hide=lr&lock=seed/.test(state.link), 'the link is opened');
      await dialog.waitFor({ state: 'hidden' });
      equal(await pane(lab).getByLabel('Learning rate', { exact: true }).count(), 0, 'fields called Learning rate');
      equal((await lab.state()).link, 'xor?lr=0.05&hide=lr&lock=seed', 'the experiment stays');
    },
  },
];
