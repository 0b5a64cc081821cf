// What a visitor has done: questions, exercises, and the file of both.

import fs from 'node:fs/promises';
import { check, equal, sleep } from '../lib/check.mjs';
import { PROGRESS, heading, question, stored, textHere, visit } from '../lib/course.mjs';

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

export default [
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
      await heading(lab, 'Neurons').waitFor();
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
      await row.getByText('Solved', { exact: true }).waitFor();
      await lab.untilSaid(/Exercise solved: Make it diverge/);
      await lab.page.getByRole('link', { name: 'Lesson' }).click();
      await heading(lab, 'Backpropagation').waitFor();
      const card = lab.page.locator('.exercises [data-exercise=find-divergence]');
      check(/Solved/.test(await card.innerText()), 'the week does not know');
      await lab.page.reload();
      await heading(lab, 'Backpropagation').waitFor();
      check(/Solved/.test(await card.innerText()), 'it is forgotten after a reload');
      await visit(lab);
      check(/1 of \d exercises solved/.test(await lab.page.locator('.weeks > li').nth(2).innerText()), 'the home page does not count it');
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
