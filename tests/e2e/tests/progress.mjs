// What a visitor has done: questions, exercises, and the file of both.

import fs from 'node:fs/promises';
import { becomes, check, equal, eventually } from '../lib/check.mjs';
import { PROGRESS, heading, question, stored, textHere, visit } from '../lib/course.mjs';
import { checked, textThat } from '../lib/read.mjs';

// Chooses a file for Import, and gives what the page says about it.
async function importFile(lab, text) {
  const said = lab.page.locator('.progress [role=status]');
  const before = await said.innerText();
  await lab.page.getByLabel('Import progress').setInputFiles({ name: 'progress.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  return textThat(said, (now) => now && now !== before, 'something new said about the file');
}

export default [
  {
    name: 'quiz-by-keyboard',
    about: 'a question is answered with Space and arrow keys, explained at once, and the answer survives a reload',
    async run(lab) {
      await visit(lab, '/week/1');
      const first = question(lab, 0);
      const said = (nth) => question(lab, nth).locator('[role=status]');
      equal(await said(0).innerText(), '', 'an explanation before an answer');
      await first.getByRole('radio').first().focus();
      await lab.page.keyboard.press('Space');
      const wrong = await textThat(said(0), /^(Right|Not quite)\. .{10,}/, 'the explanation');
      await lab.page.keyboard.press('ArrowDown');
      await checked(first.getByRole('radio').nth(1), 'the next answer after the arrow key');
      const next = await textThat(said(0), (text) => text !== wrong && /^(Right|Not quite)\. .{10,}/.test(text), 'the next explanation');
      await lab.page.reload();
      await heading(lab, 'Neurons').waitFor();
      await textHere(lab);
      await checked(question(lab, 0).getByRole('radio').nth(1), 'the answer after a reload');
      await becomes(() => said(0).innerText(), next, 'its explanation after a reload');
    },
  },
  {
    name: 'every-answer-is-explained',
    about: 'each question of each open week has one right answer, and every choice explains itself',
    async run(lab) {
      for (const week of [1, 2, 3]) {
        await visit(lab, `/week/${week}`);
        const count = await eventually(() => lab.page.locator('fieldset.question').count(), (now) => now >= 4, `questions of week ${week}`);
        for (let nth = 0; nth < count; nth++) {
          const radios = question(lab, nth).getByRole('radio');
          const said = [];
          for (let choice = 0; choice < (await radios.count()); choice++) {
            await radios.nth(choice).check();
            const isOther = (text) => text.length > 20 && !said.includes(text);
            said.push(await textThat(question(lab, nth).locator('[role=status]'), isOther, `the words for choice ${choice + 1} of question ${nth + 1}, week ${week}`));
          }
          equal(said.filter((text) => text.startsWith('Right.')).length, 1, `right answers of question ${nth + 1}, week ${week}`);
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
      await textThat(row, /Not yet/, 'what is not solved yet');
      await textThat(row.locator('.hint'), (text) => text.length > 10, 'a hint');
      await textThat(lab.page.locator('.trail'), /Week 3 · Backpropagation/, 'the header says where one is');
      // A rate that makes linear layers diverge at once.
      await lab.call('open', 'mnist?layers=dense:64:linear,dense:64:linear&opt=sgd&lr=10&device=cpu');
      await lab.call('step', 20);
      await row.getByText('Solved', { exact: true }).waitFor();
      await lab.untilSaid(/Exercise solved: Make it diverge/);
      await lab.page.getByRole('link', { name: 'Lesson' }).click();
      await heading(lab, 'Backpropagation').waitFor();
      const card = lab.page.locator('.exercises [data-exercise=find-divergence]');
      await textThat(card, /Solved/, 'the week knows');
      await lab.page.reload();
      await heading(lab, 'Backpropagation').waitFor();
      await textThat(card, /Solved/, 'the week knows after a reload');
      await visit(lab);
      await textThat(lab.page.locator('.weeks > li').nth(2), /1 of \d exercises solved/, 'the home page counts it');
    },
  },
  {
    name: 'progress-file',
    about: 'progress is exported, imported elsewhere without losing what is there, and comes back as it was',
    async run(lab, { newLab }) {
      await visit(lab, '/week/1');
      await question(lab, 1).getByRole('radio').nth(0).check();
      await question(lab, 2).getByRole('radio').nth(2).check();
      await eventually(() => stored(lab), (text) => Object.keys(JSON.parse(text ?? '{}').answers ?? {}).length === 2, 'two answers kept');
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
      const said = await importFile(other, text);
      check(/imported/.test(said), `the import is told so: ${said}`);
      const merged = async () => {
        const { weeks, answers } = JSON.parse(await stored(other));
        return [weeks, Object.keys(answers).length];
      };
      await becomes(merged, [[1, 2], 3], 'weeks and answers of both');
      await visit(other, '/week/1');
      await checked(question(other, 2).getByRole('radio').nth(2), 'the imported answer');
    },
  },
  {
    name: 'hostile-progress',
    about: 'a bad file is refused in words and loses nothing; unreadable storage is set aside, not overwritten',
    async run(lab, { newLab }) {
      await visit(lab, '/week/1');
      await question(lab, 0).getByRole('radio').first().check();
      await visit(lab);
      const before = await eventually(() => stored(lab), (text) => text && Object.keys(JSON.parse(text).answers).length === 1, 'the answer kept');
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
        await lab.page.locator('main h1').waitFor();
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
];
