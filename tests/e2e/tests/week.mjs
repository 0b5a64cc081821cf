// The text of a week: how it arrives, what happens when it does not, and that it is kept.

import { becomes, equal, eventually } from '../lib/check.mjs';
import { heading, textHere, visit } from '../lib/course.mjs';
import { attributeThat, countOf, textThat } from '../lib/read.mjs';

// Whether a path of the site is the text of this week.
const isText = (file, week) => new RegExp(`^course/week-${week}-[0-9a-f]{12}\\.json$`).test(file);

// Labs and exercises are there with the text and without it.
const labsAndExercises = (lab) =>
  eventually(
    async () => [await lab.page.locator('.week-labs li').count(), await lab.page.locator('.exercises li').count()],
    ([labs, exercises]) => labs >= 3 && exercises >= 3,
    'labs and exercises',
  );

export default [
  ...[[1280, 800], [390, 844]].map(([width, height]) => ({
    name: `week-text-arrives-${width}`,
    about: `at ${width} px a week stands with its labs and exercises before its text is here, says that it loads, and moves nothing when it comes`,
    context: { viewport: { width, height } },
    async run(lab, { server }) {
      let arrive;
      const until = new Promise((done) => (arrive = done));
      server.faults.push((file) => (isText(file, 3) ? { until } : undefined));
      await lab.page.goto(`${lab.server.base}#/week/3`);
      await heading(lab, 'Backpropagation').waitFor();
      await lab.page.getByRole('status').filter({ hasText: 'Loading the text of week 3' }).waitFor();
      await attributeThat(lab.page.locator('.week-text'), 'aria-busy', (busy) => busy === 'true', 'busy while it loads');
      await labsAndExercises(lab);
      equal(await lab.page.locator('fieldset.question').count(), 0, 'questions before the text');
      await lab.page.evaluate(() => {
        window.__shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.__shift += entry.value;
        }).observe({ type: 'layout-shift' });
      });
      arrive();
      await textHere(lab);
      await lab.page.locator('.week-text .goals').waitFor();
      await attributeThat(lab.page.locator('.week-text'), 'aria-busy', (busy) => busy === 'false', 'busy when it is here');
      await textThat(lab.page.locator('.week-text [role=status]'), (text) => text.trim() === '', 'nothing said of it');
      await eventually(() => lab.page.locator('fieldset.question').count(), (count) => count >= 4, 'a quiz');
      // Two frames: what the browser has to tell of the first one is told by then.
      const shift = await lab.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.__shift)))));
      equal(shift, 0, 'what moved, in the measure of layout shifts');
      equal(server.requests.filter(({ path }) => path.startsWith('course/')).length, 1, 'texts fetched');
    },
  })),
  {
    name: 'week-text-fails',
    about: 'a text that does not come, or not whole, is told in words; labs and exercises stay, and Try again brings it',
    async run(lab, { server }) {
      lab.allow(/Failed to load resource/);
      const ills = [
        [{ status: 404 }, /is missing \(the server answered 404\).*reload this page/],
        [{ status: 503 }, /the server answered 503/],
        [{ body: (bytes) => bytes.subarray(0, bytes.length / 2) }, /did not come whole/],
        [{ body: () => Buffer.from('<!doctype html><title>Start</title>') }, /did not come whole/],
      ];
      for (const [fault, says] of ills) {
        let ill = true;
        server.faults = [(file) => (ill && isText(file, 2) ? fault : undefined)];
        // Each time as somebody who comes for the first time.
        const fresh = await lab.page.context().newCDPSession(lab.page);
        await fresh.send('Network.clearBrowserCache');
        await lab.page.goto('about:blank');
        await lab.page.goto(`${lab.server.base}#/week/2`);
        await heading(lab, 'Forward pass').waitFor();
        const alert = lab.page.locator('.text-failed');
        await alert.waitFor();
        await attributeThat(alert, 'role', (role) => role === 'alert', 'its role');
        await textThat(alert, says, 'why the text does not come');
        await labsAndExercises(lab);
        ill = false;
        await lab.button('Try again').focus();
        await lab.page.keyboard.press('Enter');
        await textHere(lab);
        await countOf(alert, 0, 'alerts when it is here');
        await eventually(() => lab.page.locator('.week-text h2').count(), (count) => count > 2, 'the text after another try');
        await becomes(() => lab.page.evaluate(() => document.activeElement?.id), 'page-title', 'where the keyboard is');
      }
    },
  },
  {
    name: 'week-text-is-kept',
    about: 'a text is fetched once: opened again from the page itself, after a reload from the browser, also when the server has it no more',
    async run(lab, { server }) {
      const fetched = () => server.requests.filter(({ path }) => path.startsWith('course/')).length;
      await visit(lab, '/week/1');
      await lab.page.getByRole('link', { name: /^Next/ }).click();
      await heading(lab, 'Forward pass').waitFor();
      await textHere(lab);
      await lab.page.goBack();
      await heading(lab, 'Neurons').waitFor();
      await textHere(lab);
      equal(fetched(), 2, 'texts fetched, for two weeks and three visits');
      server.faults.push((file) => (file.startsWith('course/') ? { status: 503 } : undefined));
      await lab.page.reload();
      await heading(lab, 'Neurons').waitFor();
      await textHere(lab);
      equal(fetched(), 2, 'texts fetched after a reload');
    },
  },
];
