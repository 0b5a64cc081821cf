// The course: home, weeks, quiz, exercises, progress.

import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { check, equal, sleep } from '../lib/check.mjs';

const axeSource = await fs.readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PROGRESS = 'descent.progress';

// Opens a page of the course (`/`, `/week/1`) afresh and waits until its heading stands.
async function visit(lab, place = '/') {
  // Another fragment alone would leave the old page standing for a moment.
  await lab.page.goto('about:blank');
  await lab.page.goto(`${lab.server.base}#${place}`);
  await lab.page.locator('main h1').waitFor({ timeout: 30_000 });
  await textHere(lab);
}

// Waits until the text of the week is here; a page without one waits for nothing.
const textHere = (lab) => lab.page.locator('.week-text.awaited').waitFor({ state: 'detached', timeout: 15_000 });

// Whether a path of the site is the text of this week.
const isText = (file, week) => new RegExp(`^course/week-${week}-[0-9a-f]{12}\\.json$`).test(file);

const heading = (lab, name) => lab.page.getByRole('heading', { level: 1, name, exact: true });
const question = (lab, nth) => lab.page.locator('fieldset.question').nth(nth);
const stored = (lab) => lab.page.evaluate((key) => localStorage.getItem(key), PROGRESS);

// Chooses a file for Import, and gives what the page says about it.
async function importFile(lab, text) {
  const before = await lab.page.locator('.progress [role=status]').innerText();
  await lab.page.getByLabel('Import progress').setInputFiles({ name: 'progress.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  const end = Date.now() + 15_000;
  for (;;) {
    const said = await lab.page.locator('.progress [role=status]').innerText();
    if (said && said !== before) return said;
    if (Date.now() > end) throw new Error(`nothing new was said about the file: ${said}`);
    await sleep(50);
  }
}

// Like the test of the same name for labs: nothing may reach beyond the right edge unless a box of its own holds it.
async function noSidewaysScroll(lab, what) {
  const seen = await lab.page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')]
      .filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((it) => `${it.tagName.toLowerCase()}.${it.getAttribute('class')} to ${Math.round(it.getBoundingClientRect().right)}`);
    return { width, scrollWidth: document.documentElement.scrollWidth, wide };
  });
  check(seen.scrollWidth <= seen.width && seen.wide.length === 0, `${what} scrolls sideways: ${JSON.stringify(seen)}`);
}

const looks = ['light', 'dark'].flatMap((colorScheme) =>
  [[390, 844], [768, 1024], [1280, 800]].map(([width, height]) => ({
    name: `course-${width}-${colorScheme}`,
    about: `home and weeks at ${width} px, ${colorScheme}: no sideways scroll, axe-core finds nothing; pictures go to tests/out`,
    context: { viewport: { width, height }, colorScheme },
    async run(lab, { out }) {
      const found = [];
      for (const place of ['/', '/week/1', '/week/2', '/week/3', '/week/8', '/week/9', '/week/10', '/week/99']) {
        await visit(lab, place);
        await sleep(200);
        await noSidewaysScroll(lab, `${place} at ${width} px`);
        const file = `course-${width}-${colorScheme}${place.replace(/\W+/g, '-')}.png`;
        await lab.page.screenshot({ path: path.join(out, file), fullPage: true });
        await lab.page.evaluate(axeSource);
        const violations = await lab.page.evaluate(async () => {
          const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
          return result.violations.map(({ id, impact, help, nodes }) => `${id} (${impact}): ${help}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
        });
        found.push(...violations.map((violation) => `${place}: ${violation}`));
      }
      check(found.length === 0, found.join('\n'));
    },
  })),
);

export default [
  {
    name: 'home-opens',
    about: 'an empty address opens the course: twelve weeks, none started, those that are not open say coming; a small net learns at once, and waits where motion is not wanted',
    async run(lab) {
      await lab.page.goto(lab.server.base);
      await heading(lab, 'A deep-learning course you play').waitFor({ timeout: 30_000 });
      const weeks = lab.page.locator('.weeks > li');
      equal(await weeks.count(), 12, 'weeks');
      for (const [idx, text] of (await weeks.allInnerTexts()).entries()) {
        check([1, 2, 3, 8, 9].includes(idx + 1) ? /0 of \d exercises solved/.test(text) : /\bcoming\b/.test(text), `week ${idx + 1} says ${text}`);
      }
      await lab.until((state) => state.lab === 'moons' && state.validation?.accuracy > 0.9, 'the net on the home page learns');
      await lab.page.emulateMedia({ reducedMotion: 'reduce' });
      await visit(lab, '/week/1');
      await lab.page.reload();
      await visit(lab);
      await lab.until((state) => /ready/i.test(state.phase) && state.step === 0, 'the net waits');
      check(/Descent/.test(await lab.page.title()), 'the page has no title');
    },
  },
  {
    name: 'week-opens',
    about: 'a week opens from home and leads to its neighbours; every formula is MathML and is drawn; Back returns',
    async run(lab) {
      await visit(lab);
      await lab.page.locator('.weeks').getByRole('link', { name: 'Neurons', exact: true }).click();
      await heading(lab, 'Neurons').waitFor();
      await lab.page.waitForFunction(() => document.activeElement?.id === 'page-title', null, { timeout: 15_000 });
      check(/Week 1: Neurons/.test(await lab.page.title()), 'the title names the week');
      await textHere(lab);
      const formulas = await lab.page.locator('.formula').evaluateAll((all) =>
        all.map((it) => ({ math: it.querySelector('math')?.getBoundingClientRect().height ?? 0, words: it.querySelector('figcaption')?.innerText.trim().length ?? 0 })),
      );
      check(formulas.length >= 5 && formulas.every((it) => it.math > 10 && it.words > 10), `formulas: ${JSON.stringify(formulas)}`);
      await lab.page.getByRole('link', { name: /^Next/ }).click();
      await heading(lab, 'Forward pass').waitFor();
      await lab.page.getByRole('link', { name: /^Previous/ }).click();
      await heading(lab, 'Neurons').waitFor();
      await lab.page.goBack();
      await heading(lab, 'Forward pass').waitFor();
      await visit(lab, '/week/13');
      await heading(lab, 'There is no such week').waitFor();
    },
  },
  {
    name: 'skip-link',
    about: 'the first Tab offers to skip to the content, and the address stays',
    async run(lab) {
      await visit(lab, '/week/1');
      await lab.page.keyboard.press('Tab');
      equal(await lab.page.evaluate(() => document.activeElement?.textContent), 'Skip to the content', 'the first stop');
      await lab.page.keyboard.press('Enter');
      equal(await lab.page.evaluate(() => document.activeElement?.id), 'main', 'the focus after it');
      check(/#\/week\/1$/.test(lab.page.url()), `the address became ${lab.page.url()}`);
    },
  },
  {
    name: 'activation-gallery',
    about: 'week 1 shows every activation with its slope: arrow keys choose one and move z, numbers follow, its lab opens',
    async run(lab) {
      await visit(lab, '/week/1');
      const gallery = lab.page.getByRole('region', { name: 'Activation gallery' });
      const names = ['Step', 'ReLU', 'Leaky ReLU', 'ELU', 'GELU', 'SiLU', 'Tanh', 'Sigmoid', 'Softplus', 'Linear'];
      equal((await gallery.locator('.tile').allInnerTexts()).map((text) => text.trim()), names, 'the functions');
      for (const name of names) await gallery.getByRole('radio', { name, exact: true }).waitFor();
      const drawn = await gallery.locator('canvas').evaluateAll((all) =>
        all.filter((it) => it.width > 80 && it.getContext('2d').getImageData(0, 0, it.width, it.height).data.some((byte) => byte > 0)).length,
      );
      equal(drawn, names.length + 1, 'plots with something on them');

      const reading = async () => (await gallery.locator('.gallery-reading dd').allInnerTexts()).map((text) => text.trim());
      const slider = gallery.getByRole('slider', { name: 'z', exact: true });
      const press = async (key, times = 1) => {
        for (let nth = 0; nth < times; nth++) await lab.page.keyboard.press(key);
      };
      // σ(1) = 0.7311, σ(1) (1 − σ(1)) = 0.1966.
      equal(await reading(), ['1.0', '0.731', '0.197', 'it learns'], 'sigmoid as it opens');
      await slider.focus();
      await press('ArrowLeft', 10);
      equal(await reading(), ['0.0', '0.500', '0.250', 'it learns'], 'sigmoid at zero');
      equal(await slider.getAttribute('aria-valuetext'), 'z 0.0, value 0.500, slope 0.250', 'the slider says it');
      await press('Home');
      const [z, , slope, here] = await reading();
      check(z === '−6.0' && Number(slope) < 0.05 && /hardly/.test(here), `sigmoid far out: ${z}, ${slope}, ${here}`);

      // Arrow keys go along the functions, in the order they stand.
      await gallery.getByRole('radio', { name: 'Step', exact: true }).focus();
      await press('Space');
      equal(await gallery.getByRole('link').count(), 0, 'labs of the step');
      await press('ArrowRight');
      check(await gallery.getByRole('radio', { name: 'ReLU', exact: true }).isChecked(), 'the arrow key takes the next function');
      equal(await reading(), ['−6.0', '0', '0', 'flat: nothing is learned'], 'ReLU at −6');
      check(/^ReLU.* z = −6\.0: value 0, slope 0\. Flat up to 0\.$/.test(await gallery.getByRole('img').last().getAttribute('aria-label')), 'the text alternative');
      const formulas = await gallery.locator('.gallery-formulas math').evaluateAll((all) => all.map((it) => it.getAttribute('aria-label')));
      equal(formulas, ['f of z is the larger of zero and z', 'the slope is one where z is positive and zero where z is negative'], 'its formulas');
      await gallery.locator('summary').click();
      const rows = await gallery.locator('tbody tr').allInnerTexts();
      equal(rows.map((row) => row.split(/\s+/).join(' ')), ['−3 0 0', '−2 0 0', '−1 0 0', '0 0 0', '1 1.00 1.00', '2 2.00 1.00', '3 3.00 1.00'], 'the table');

      for (const [name, id] of [['Sigmoid', 'sigmoid'], ['GELU', 'gelu']]) {
        await visit(lab, '/week/1');
        await gallery.getByRole('radio', { name, exact: true }).check();
        await gallery.getByRole('link', { name: 'Train a small net with it' }).click();
        const { link } = await lab.until((state) => state.lab === 'circle' && /ready|paused/i.test(state.phase), `the lab of ${name}`, 60_000);
        equal(link, `circle?layers=dense:4:${id},dense:2:${id}`, 'the lab');
        equal(await lab.page.locator('[role=alert] p').count(), 0, 'refusals');
        await lab.page.getByRole('link', { name: 'Lesson' }).click();
        await heading(lab, 'Neurons').waitFor();
      }
    },
  },
  ...[[1280, 800], [390, 844]].map(([width, height]) => ({
    name: `week-text-arrives-${width}`,
    about: `at ${width} px a week stands with its labs and exercises before its text is here, says that it loads, and moves nothing when it comes`,
    context: { viewport: { width, height } },
    async run(lab, { server }) {
      let arrive;
      const until = new Promise((done) => (arrive = done));
      server.faults.push((file) => (isText(file, 3) ? { until } : undefined));
      await lab.page.goto(`${lab.server.base}#/week/3`);
      await heading(lab, 'Backpropagation').waitFor({ timeout: 30_000 });
      await lab.page.getByRole('status').filter({ hasText: 'Loading the text of week 3' }).waitFor();
      equal(await lab.page.locator('.week-text').getAttribute('aria-busy'), 'true', 'busy while it loads');
      check((await lab.page.locator('.week-labs li').count()) >= 3 && (await lab.page.locator('.exercises li').count()) >= 3, 'labs and exercises wait for the text');
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
      equal(await lab.page.locator('.week-text').getAttribute('aria-busy'), 'false', 'busy when it is here');
      equal((await lab.page.locator('.week-text [role=status]').innerText()).trim(), '', 'what is said of it');
      check((await lab.page.locator('fieldset.question').count()) >= 4, 'no quiz');
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
        await heading(lab, 'Forward pass').waitFor({ timeout: 30_000 });
        const alert = lab.page.locator('.text-failed');
        await alert.waitFor({ timeout: 15_000 });
        equal(await alert.getAttribute('role'), 'alert', 'its role');
        check(says.test(await alert.innerText()), `it says ${await alert.innerText()}`);
        check((await lab.page.locator('.week-labs li').count()) >= 3 && (await lab.page.locator('.exercises li').count()) >= 3, 'labs and exercises went with the text');
        ill = false;
        await lab.button('Try again').focus();
        await lab.page.keyboard.press('Enter');
        await textHere(lab);
        equal(await alert.count(), 0, 'alerts when it is here');
        check((await lab.page.locator('.week-text h2').count()) > 2, 'no text after another try');
        equal(await lab.page.evaluate(() => document.activeElement?.id), 'page-title', 'where the keyboard is');
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
      await heading(lab, 'Neurons').waitFor({ timeout: 30_000 });
      await textHere(lab);
      equal(fetched(), 2, 'texts fetched after a reload');
    },
  },
  {
    name: 'quiz-by-keyboard',
    about: 'a question is answered with Space and arrow keys, explained at once, and the answer survives a reload',
    async run(lab) {
      await visit(lab, '/week/1');
      const first = question(lab, 0);
      equal(await first.locator('[role=status]').innerText(), '', 'an explanation before an answer');
      await first.getByRole('radio').first().focus();
      await lab.page.keyboard.press('Space');
      const wrong = await first.locator('[role=status]').innerText();
      check(/^(Right|Not quite)\. .{10,}/.test(wrong), `the explanation is ${wrong}`);
      await lab.page.keyboard.press('ArrowDown');
      check(await first.getByRole('radio').nth(1).isChecked(), 'the arrow key takes the next answer');
      const next = await first.locator('[role=status]').innerText();
      check(next !== wrong && /^(Right|Not quite)\. .{10,}/.test(next), `the next explanation is ${next}`);
      await lab.page.reload();
      await heading(lab, 'Neurons').waitFor({ timeout: 30_000 });
      await textHere(lab);
      check(await question(lab, 0).getByRole('radio').nth(1).isChecked(), 'the answer after a reload');
      equal(await question(lab, 0).locator('[role=status]').innerText(), next, 'its explanation after a reload');
    },
  },
  {
    name: 'every-answer-is-explained',
    about: 'each question of each open week has one right answer, and every choice explains itself',
    async run(lab) {
      for (const week of [1, 2, 3]) {
        await visit(lab, `/week/${week}`);
        const count = await lab.page.locator('fieldset.question').count();
        check(count >= 4, `week ${week} has ${count} questions`);
        for (let nth = 0; nth < count; nth++) {
          const radios = question(lab, nth).getByRole('radio');
          const said = [];
          for (let choice = 0; choice < (await radios.count()); choice++) {
            await radios.nth(choice).check();
            said.push(await question(lab, nth).locator('[role=status]').innerText());
          }
          equal(said.filter((text) => text.startsWith('Right.')).length, 1, `right answers of question ${nth + 1}, week ${week}`);
          check(said.every((text) => text.length > 20), `week ${week}, question ${nth + 1} says ${JSON.stringify(said)}`);
        }
      }
    },
  },
  {
    name: 'exercise-checks-itself',
    about: 'an exercise is checked in the lab opened from its week, says what is missing, and stays solved after a reload',
    async run(lab) {
      await visit(lab, '/week/3');
      await lab.page.locator('.week-labs').getByRole('link', { name: 'A rate to turn up' }).click();
      await lab.until((state) => /ready|paused/i.test(state.phase), 'the lab of the week', 60_000);
      const panel = lab.page.locator('.exercise-panel');
      await panel.getByRole('heading', { name: 'Exercises of week 3' }).waitFor();
      const row = panel.locator('[data-exercise=find-divergence]');
      check(/Not yet/.test(await row.innerText()), 'it is solved before anything happened');
      check((await row.locator('.hint').innerText()).length > 10, 'no hint');
      check(/Week 3 · Backpropagation/.test(await lab.page.locator('.trail').innerText()), 'the header does not say where one is');
      // A rate that makes linear layers diverge at once.
      await lab.call('open', 'mnist?layers=dense:64:linear,dense:64:linear&opt=sgd&lr=10&device=cpu');
      await lab.call('step', 20);
      await row.getByText('Solved', { exact: true }).waitFor({ timeout: 15_000 });
      await lab.untilSaid(/Exercise solved: Make it diverge/);
      await lab.page.getByRole('link', { name: 'Lesson' }).click();
      await heading(lab, 'Backpropagation').waitFor();
      const card = lab.page.locator('.exercises [data-exercise=find-divergence]');
      check(/Solved/.test(await card.innerText()), 'the week does not know');
      await lab.page.reload();
      await heading(lab, 'Backpropagation').waitFor({ timeout: 30_000 });
      check(/Solved/.test(await card.innerText()), 'it is forgotten after a reload');
      await visit(lab);
      check(/1 of \d exercises solved/.test(await lab.page.locator('.weeks > li').nth(2).innerText()), 'the home page does not count it');
    },
  },
  {
    name: 'lab-without-a-week',
    about: 'a lab opened by its link alone shows no exercises, and the way back leads to the course',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      equal(await lab.page.locator('.exercise-panel').count(), 0, 'exercise panels');
      await lab.page.getByRole('link', { name: 'Course', exact: true }).click();
      await heading(lab, 'A deep-learning course you play').waitFor();
      // Keys of the lab do nothing here.
      await lab.page.keyboard.press('s');
      await sleep(300);
      equal((await lab.state()).step, 0, 'a step was taken on the home page');
    },
  },
  {
    name: 'lab-pauses-unseen',
    about: 'a run pauses when its page is left, and is still there on the way back',
    async run(lab) {
      await lab.open('mnist?layers=dense:16:relu&device=cpu');
      await lab.call('play');
      await lab.until((state) => state.step > 3, 'it trains');
      await lab.page.getByRole('link', { name: 'Course', exact: true }).click();
      const { step } = await lab.until((state) => /paused/i.test(state.phase), 'it pauses');
      await lab.page.goBack();
      await lab.page.locator('.run-bar').waitFor();
      equal((await lab.state()).step, step, 'steps on the way back');
      await lab.call('step', 1);
      equal((await lab.state()).step, step + 1, 'it goes on');
    },
  },
  {
    name: 'progress-file',
    about: 'progress is exported, imported elsewhere without losing what is there, and comes back as it was',
    async run(lab, { newLab }) {
      await visit(lab, '/week/1');
      await question(lab, 1).getByRole('radio').nth(0).check();
      await question(lab, 2).getByRole('radio').nth(2).check();
      await visit(lab);
      const [download] = await Promise.all([lab.page.waitForEvent('download'), lab.page.getByRole('link', { name: 'Export progress' }).click()]);
      equal(download.suggestedFilename(), 'descent-progress.json', 'name of the file');
      const text = await fs.readFile(await download.path(), 'utf8');
      equal(JSON.parse(text), JSON.parse(await stored(lab)), 'the file and what is kept');
      equal(Object.keys(JSON.parse(text).answers).length, 2, 'answers in the file');

      const other = await newLab();
      await visit(other, '/week/2');
      await question(other, 0).getByRole('radio').nth(0).check();
      await visit(other);
      check(/imported/.test(await importFile(other, text)), 'the import is not told');
      const merged = JSON.parse(await stored(other));
      equal([merged.weeks, Object.keys(merged.answers).length], [[1, 2], 3], 'both are there');
      await visit(other, '/week/1');
      check(await question(other, 2).getByRole('radio').nth(2).isChecked(), 'the imported answer');
    },
  },
  {
    name: 'hostile-progress',
    about: 'a bad file is refused in words and loses nothing; unreadable storage is set aside, not overwritten',
    async run(lab, { newLab }) {
      await visit(lab, '/week/1');
      await question(lab, 0).getByRole('radio').first().check();
      await visit(lab);
      const before = await stored(lab);
      const files = [
        ['', /not JSON/],
        ['<script>window.__evil = 1</script>', /not JSON/],
        ['{"weeks":[1]}', /no progress of Descent/],
        ['{"descent_progress":99}', /newer Descent/],
        ['{"descent_progress":1,"exercises":["<img src=x onerror=window.__evil=1>"]}', /no id/],
        [`{"descent_progress":1,"weeks":[${'1,'.repeat(50_000)}1]}`, /bytes/],
        ['x'.repeat(2_000_000), /larger than any progress/],
      ];
      for (const [text, says] of files) {
        // Two files may be refused with the same words: say something else between.
        await lab.page.reload();
        await lab.page.locator('main h1').waitFor({ timeout: 30_000 });
        const said = await importFile(lab, text);
        check(says.test(said) && /nothing has changed/.test(said), `${text.slice(0, 60)}: ${said}`);
        equal(await stored(lab), before, 'what is kept');
      }
      check(!(await lab.page.evaluate(() => window.__evil)), 'a file ran as code');

      const other = await newLab();
      await visit(other);
      await other.page.evaluate((key) => localStorage.setItem(key, 'rubbish'), PROGRESS);
      await other.page.reload();
      await other.untilSaid(/could not be read/);
      await visit(other, '/week/1');
      equal(await other.page.evaluate((key) => localStorage.getItem(key), `${PROGRESS}.unreadable`), 'rubbish', 'the unreadable text');
    },
  },
  {
    name: 'course-keyboard',
    about: 'every control of home and week is reached by Tab, shows its focus and has a name',
    async run(lab) {
      for (const place of ['/', '/week/1']) {
        await visit(lab, place);
        await lab.page.evaluate(() => document.activeElement?.blur());
        const controls = await lab.page.evaluate(() => {
          const all = [...document.querySelectorAll('a[href], button, input, summary')].filter((it) => it.checkVisibility({ visibilityProperty: true }));
          all.forEach((it, idx) => (it.dataset.probe = idx));
          return all.map((it, idx) => ({ idx, group: it.type === 'radio' ? it.name : null, name: (it.getAttribute('aria-label') || it.labels?.[0]?.innerText || it.innerText || '').trim() }));
        });
        equal(controls.filter((it) => !it.name).map((it) => it.idx), [], `controls without a name on ${place}`);
        const reached = new Set();
        const hidden = [];
        for (let n = 0; n < controls.length + 20; n++) {
          await lab.page.keyboard.press('Tab');
          const seen = await lab.page.evaluate(() => {
            const it = document.activeElement;
            if (!it || it === document.body) return null;
            // The field of a file is hidden within the label that looks like a button.
            const shown = [it, it.closest('label')].filter(Boolean).some((one) => {
              const style = getComputedStyle(one);
              return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
            });
            return { idx: Number(it.dataset.probe ?? -1), shown, what: it.outerHTML.slice(0, 100) };
          });
          if (!seen) continue;
          if (!seen.shown) hidden.push(seen.what);
          reached.add(seen.idx);
        }
        const missed = controls.filter((it) => !reached.has(it.idx) && !(it.group && controls.some((other) => other.group === it.group && reached.has(other.idx))));
        equal(missed.map((it) => it.name), [], `controls that Tab does not reach on ${place}`);
        equal([...new Set(hidden)], [], `controls whose focus cannot be seen on ${place}`);
      }
    },
  },
  ...looks,
];
