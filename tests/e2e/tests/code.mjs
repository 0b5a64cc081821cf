// The same in code: it follows every edit, says why where there is none, and can be taken away.

import fs from 'node:fs/promises';
import { becomes, check, equal } from '../lib/check.mjs';
import { checked, countOf } from '../lib/read.mjs';

// Opens the fold and returns its element.
async function openCode(lab) {
  const fold = lab.page.locator('details.code-view');
  await fold.locator('summary').click();
  await fold.getByRole('radiogroup', { name: 'Framework' }).waitFor();
  return fold;
}

// By keyboard: pictures that arrive above move the fold, and the radio buttons lie invisibly over their labels, so that a forced
// click would land where one of them was.
async function choose(fold, framework) {
  const radio = fold.getByRole('radio', { name: framework, exact: true });
  await radio.focus();
  await radio.press('Space');
  await checked(radio, framework);
}

// The code, once it holds `text`.
async function codeWith(fold, text) {
  await fold.locator('pre').filter({ hasText: text }).waitFor();
  return fold.locator('pre').evaluate((pre) => pre.textContent);
}

export default [
  {
    name: 'code-follows',
    about: 'the code follows every edit in every framework, and tells the measured difference',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      const fold = await openCode(lab);
      await codeWith(fold, 'import numpy as np');
      await choose(fold, 'Keras');
      await codeWith(fold, 'keras.layers.Dense(');
      await choose(fold, 'Burn');
      await codeWith(fold, 'dense(784, 128, device)');
      await choose(fold, 'PyTorch');
      const before = await codeWith(fold, 'nn.Linear(784, 128)');
      check(before.includes('LEARNING_RATE = 0.002') && before.includes('nn.Linear(128, 10)'), `the code is ${before}`);
      await fold.getByText(/20 steps/).waitFor();

      await lab.page.evaluate(() => document.querySelectorAll('#pane-set-up details').forEach((it) => (it.open = true)));
      const units = lab.page.getByLabel(/units|width/i).and(lab.page.locator('input')).filter({ visible: true }).first();
      await units.fill('24');
      await units.press('Enter');
      const after = await codeWith(fold, 'nn.Linear(784, 24)');
      check(after.includes('nn.Linear(24, 10)') && !after.includes('128'), `after the edit the code is ${after}`);
    },
  },
  {
    name: 'code-refused',
    about: 'a convolution has no NumPy code, and the page says why; the other frameworks have it',
    async run(lab) {
      await lab.open('mnist?model=cnn&device=cpu');
      const fold = await openCode(lab);
      // The first framework that has it is shown.
      await codeWith(fold, 'keras.layers.Conv2D(');
      await choose(fold, 'NumPy');
      await fold.getByText(/There is no NumPy code for this model, because conv1 is a convolution/).waitFor();
      await countOf(fold.getByRole('button', { name: 'Copy code' }), 0, 'buttons to copy what is not there');
      await choose(fold, 'PyTorch');
      await codeWith(fold, 'nn.Conv2d(1, 16, 5)');
    },
  },
  {
    name: 'code-taken-away',
    about: 'the code is copied and downloaded as it is shown',
    async run(lab, { server }) {
      await lab.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.origin });
      await lab.open('mnist?device=cpu');
      const fold = await openCode(lab);
      await choose(fold, 'PyTorch');
      const shown = await codeWith(fold, 'nn.Linear(784, 128)');
      await fold.getByRole('button', { name: 'Copy code' }).click();
      await lab.untilSaid(/The PyTorch code is copied/);
      const copied = await lab.page.evaluate(() => navigator.clipboard.readText());
      equal(copied.replaceAll('\r\n', '\n'), shown, 'the clipboard');
      const [download] = await Promise.all([lab.page.waitForEvent('download'), fold.getByRole('link', { name: 'Download' }).click()]);
      equal(download.suggestedFilename(), 'mnist_pytorch.py', 'the file name');
      equal(await fs.readFile(await download.path(), 'utf8'), shown, 'the file');
    },
  },
  {
    name: 'code-by-keyboard',
    about: 'the code is opened, switched and scrolled by keyboard, and a phone does not scroll sideways',
    context: { viewport: { width: 390, height: 844 } },
    async run(lab) {
      await lab.open('mnist?device=cpu');
      const fold = lab.page.locator('details.code-view');
      await fold.locator('summary').focus();
      await lab.page.keyboard.press('Enter');
      await codeWith(fold, 'import numpy as np');
      await fold.getByRole('radio', { name: 'NumPy', exact: true }).focus();
      await lab.page.keyboard.press('ArrowRight');
      await codeWith(fold, 'import keras');
      await fold.locator('pre').focus();
      await becomes(() => lab.page.evaluate(() => document.activeElement.tagName), 'PRE', 'the code can be focused, and so scrolled');
      const width = await lab.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      check(width[0] <= width[1], `the page is ${width[0]} px wide on a screen of ${width[1]} px`);
    },
  },
];
