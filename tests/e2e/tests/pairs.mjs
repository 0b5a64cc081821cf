// Labs on pairs: an own sentence answered while the net learns, where the answer looked, held-out pairs, and how many are right.

import { readdir } from 'node:fs/promises';
import { violations } from '../lib/axe.mjs';
import { becomes, check, equal, eventually } from '../lib/check.mjs';
import { disabled, rowsThat, textThat } from '../lib/read.mjs';
import { eachPane } from './access.mjs';

const DATES = 'dates?device=cpu';
// Trains until so many steps are done, and waits until the score of that many has come.
async function trained(lab, steps, timeoutMs = 120_000) {
  await lab.call('play');
  await lab.until((state) => state.step >= steps, `${steps} steps`, timeoutMs);
  await lab.call('pause');
  return lab.until((state) => (state.pairs.validation?.step ?? 0) >= steps, `the score of step ${steps}`, 60_000);
}

export default [
  {
    name: 'pairs-dates-learned',
    about: 'the lab on dates answers four fifths of its validation dates to the last character after 400 steps, fewer after 100; the curve, the table and the test on demand say so',
    timeoutMs: 600_000,
    async run(lab, { note }) {
      await lab.open(DATES);
      const started = Date.now();
      const early = await trained(lab, 100);
      const late = await trained(lab, 400);
      note(`${((Date.now() - started) / 1000).toFixed(1)} s; exact ${early.pairs.validation.exact} at step ${early.pairs.validation.step}, ${late.pairs.validation.exact} at ${late.pairs.validation.step}`);
      check(late.pairs.validation.exact >= 0.8 && late.pairs.validation.exact > early.pairs.validation.exact, `${early.pairs.validation.exact} after 100 steps, ${late.pairs.validation.exact} after 400`);
      equal(late.pairs.validation.count, 200, 'pairs that are scored by themselves');
      equal(late.pairs.validation.bleu, null, 'BLEU of dates');
      await lab.page.getByRole('img', { name: /^Exact answers over the steps, at step [\d,]+: validation / }).waitFor();
      await lab.button('Exact answers, table').click();
      const table = lab.page.getByRole('region', { name: 'Exact answers by step', exact: true });
      await rowsThat(table, (rows) => rows.length >= 3 && rows.every((row) => row.length === 2), 'three scores in the table');

      await lab.click('Score test');
      const { test } = (await lab.until((state) => state.pairs.test, 'the score of the test part', 120_000)).pairs;
      note(`test: ${test.exact} of ${test.count}`);
      check(test.count > 200 && test.exact > 0.7, JSON.stringify(test));
      await textThat(lab.page.locator('.scores [role="status"]'), (text) => /^Test: [\d.]+\s?% of [\d,]+ pairs exact, at step/.test(text), 'the test is told');
    },
  },
  {
    name: 'pairs-own',
    about: 'an own date is answered while the net learns; a beam lists its candidates, the best first; what the vocabulary lacks is named; nothing is answered with words, and too much refused',
    timeoutMs: 300_000,
    async run(lab) {
      await lab.open(DATES);
      const own = lab.page.locator('.own-source');
      const box = lab.page.getByRole('textbox', { name: 'Your own date', exact: true });
      await becomes(() => box.inputValue(), 'March 3rd, 1998', 'the example');
      const facts = own.locator('.answer-facts');
      await textThat(facts, (text) => /^with the weights of step 0: \d+ tokens, ln p = −/.test(text), 'the untrained net answers');
      await lab.call('play');
      await textThat(facts, (text) => /step [1-9]/.test(text), 'it is answered again while the net learns');
      await lab.until((state) => state.step >= 300, '300 steps', 120_000);
      await lab.call('pause');
      const { step } = await lab.settled();
      await textThat(facts, (text) => text.includes(`step ${step.toLocaleString('en')}:`), 'the answer of the last step');
      await textThat(own.locator('.answered'), (text) => /\d{4}-\d\d/.test(text), 'the answer looks like a date');

      await own.getByLabel('Search', { exact: true }).selectOption('beam-3');
      const candidates = own.locator('.candidates');
      const rows = await rowsThat(candidates, (rows) => rows.length === 3, 'three candidates');
      const means = rows.map((row) => parseFloat(row[3].replace('−', '-')));
      check(means[0] >= means[1] && means[1] >= means[2], JSON.stringify(rows));
      const asked = await lab.call('translate', 'March 3rd, 1998', 3);
      equal(asked.answers.map((answer) => answer.text), rows.map((row) => row[0]), 'candidates by the console');

      await box.fill('1 märch');
      await textThat(own, (text) => /“ä” is not in the vocabulary/.test(text), 'an unknown character is named');
      await box.fill('');
      await textThat(own, (text) => /Write something to be answered/.test(text), 'nothing');
      await box.fill('1'.repeat(60));
      await textThat(own.locator('.problem'), (text) => /too long/.test(text), 'too long a source');
    },
  },
  {
    name: 'pairs-attention',
    about: 'the attention matrix is read cell by cell by keyboard, its rows sum to 1, a table has its numbers, heads are chosen; a net without attention says so and names the layer',
    async run(lab) {
      await lab.open(DATES);
      await lab.call('step', 20);
      await textThat(lab.page.locator('.own-source .answer-facts'), (text) => /step 20:/.test(text), 'the answer of step 20');
      const looks = lab.page.locator('.looks');
      const matrix = looks.getByRole('img', { name: /^Attention: each token of the answer/ });
      await matrix.waitFor();
      const readout = looks.locator('.readout');
      await matrix.focus();
      await lab.page.keyboard.press('ArrowRight');
      const first = await textThat(readout, (text) => /^For .+ \(token 1 of the answer\) it looks at “m” \(token 1\) with [\d.<]+\s?%\.$/.test(text), 'the first cell');
      await lab.page.keyboard.press('ArrowRight');
      await textThat(readout, (text) => text !== first && /at “a” \(token 2\)/.test(text), 'the second cell');
      await lab.page.keyboard.press('End');
      await textThat(readout, (text) => /at the end \(token 16\)/.test(text), 'the last column');
      await matrix.hover({ position: { x: 60, y: 60 } });
      await textThat(readout, (text) => /it looks at/.test(text), 'the pointer reads a cell');
      const { maps, source } = await lab.call('translate', 'March 3rd, 1998');
      equal(source.length, 16, 'tokens of the source');
      equal(maps.length, 1, 'maps of one attention');
      for (const row of maps[0].weights) check(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-4, JSON.stringify(row));
      await lab.button('Attention, table').click();
      const table = lab.page.getByRole('region', { name: 'Attention by token', exact: true });
      const isWhole = (rows) => rows.length === maps[0].weights.length && rows.every((row) => row.length === 17);
      await rowsThat(table, isWhole, `${maps[0].weights.length} rows with a column for each token of the source`);
      await lab.button('Attention, table').click();

      await lab.open(`${DATES}&model=plain`);
      await textThat(lab.page.locator('.looks'), (text) => /has no attention.*Add the layer “Attention”/s.test(text), 'no attention is said');
      await lab.open(`${DATES}&model=transformer`);
      const select = lab.page.getByLabel('Attention map', { exact: true });
      const isHeads = (names) => names.length >= 2 && /head 1/.test(names[0]) && /head 2/.test(names[1]);
      await eventually(() => select.locator('option').allInnerTexts(), isHeads, 'a map for each head');
      await select.selectOption({ index: 1 });
      await lab.page.locator('.looks').getByRole('img').waitFor();
    },
  },
  {
    name: 'pairs-held-out',
    about: 'held-out pairs are paged through with source, reference, answer and verdict, of validation and of the test part',
    async run(lab) {
      await lab.open(DATES);
      await lab.call('step', 200);
      const held = lab.page.locator('.held-out');
      const subject = held.locator('.subject');
      await textThat(subject, (text) => /^Validation 1 to 10 of [\d,]+: \d+ of 10 right, at step 200$/.test(text), 'the first page');
      const first = await rowsThat(held, (rows) => rows.length === 10, 'ten pairs');
      for (const [, target, answer, verdict] of first) {
        check(/^\d{4}-\d\d-\d\d$/.test(target), target);
        equal(verdict, answer === target ? 'right' : 'wrong', `verdict on ${answer} for ${target}`);
      }
      await held.getByRole('button', { name: 'Next pairs' }).click();
      await textThat(subject, (text) => /^Validation 11 to 20 of/.test(text), 'the second page');
      await rowsThat(held, (rows) => rows.length === 10 && rows[0][0] !== first[0][0], 'other pairs on the second page');
      await held.getByLabel('Part of the pairs', { exact: true }).selectOption('test');
      await textThat(subject, (text) => /^Test 1 to 10 of/.test(text), 'the test part');
      await disabled(held.getByRole('button', { name: 'Previous pairs' }), 'the button to what would be before the first page');
    },
  },
  {
    name: 'pairs-translation',
    about: 'English is translated to French while the net learns; unknown words are named; BLEU has its curve, its four precisions and its penalty',
    async run(lab, { note, site }) {
      if (!(await readdir(`${site}/data`)).some((folder) => folder.startsWith('fra-eng'))) return note('the translations are not on this site');
      await lab.open('fra-eng?device=cpu');
      const own = lab.page.locator('.own-source');
      await textThat(own.locator('.answer-facts'), (text) => /step 0/.test(text), 'the untrained net answers', 60_000);
      const { pairs } = await trained(lab, 100, 180_000);
      const { bleu } = pairs.validation;
      note(JSON.stringify(pairs.validation));
      const product = bleu.precisions.reduce((sum, p) => sum * p, 1) ** 0.25 * bleu.brevity;
      check(Math.abs(product - bleu.score) < 1e-6, `BLEU ${bleu.score} from ${JSON.stringify(bleu)}`);
      await rowsThat(lab.page.locator('.precisions'), ([row]) => row?.length === 6, 'a name, four precisions and a penalty');
      await lab.page.getByRole('img', { name: /^BLEU over the steps/ }).waitFor();
      const box = lab.page.getByRole('textbox', { name: 'Your own sentence', exact: true });
      await box.fill('I am xqzzy.');
      await textThat(own, (text) => /“xqzzy” is not in the vocabulary/.test(text), 'an unknown word is named');
    },
  },
  {
    name: 'pairs-trained',
    about: 'trained weights translate without a step: BLEU of the test part is what is said of them, and an own sentence is answered anew',
    async run(lab, { note, site }) {
      if (!(await readdir(`${site}/data`)).some((folder) => folder.startsWith('fra-eng'))) return note('the translations are not on this site');
      await lab.open('fra-eng?device=cpu');
      await lab.click('Load trained weights');
      await lab.untilSaid(/Trained weights are loaded/, 60_000);
      const { step, link } = await lab.until((state) => state.validation, 'the evaluation', 60_000);
      equal([step, link], [0, 'fra-eng?schedule=cosine&epochs=20'], 'step and link');
      equal(await lab.page.locator('.alerts li').allInnerTexts(), [], 'what asks for attention');
      await lab.page.getByRole('textbox', { name: 'Your own sentence', exact: true }).fill('Tom ate quickly.');
      await textThat(lab.page.locator('.own-source .answered'), (text) => /tom a mangé rapidement\./.test(text), 'Tom ate quickly');
      const { bleu, exact, count } = await lab.call('scorePairs', 'test');
      note(`BLEU ${bleu.score.toFixed(3)}, ${(100 * exact).toFixed(1)} % word for word of ${count}`);
      equal(count, 1_501, 'test pairs');
      check(bleu.score > 0.29, JSON.stringify(bleu));
    },
  },
  ...['light', 'dark'].flatMap((colorScheme) =>
    [1280, 768, 390].map((width) => ({
      name: `pairs-layout-${width}-${colorScheme}`,
      about: `the lab on dates at ${width} px, ${colorScheme}: no sideways scroll, axe-core finds nothing`,
      context: { viewport: { width, height: 844 }, colorScheme },
      async run(lab, { out }) {
        await lab.open(DATES);
        await lab.call('step', 200);
        await lab.page.getByLabel('Search', { exact: true }).selectOption('beam-3');
        await lab.page.locator('.candidates tbody tr').nth(2).waitFor();
        await textThat(lab.page.locator('.held-out .subject'), (text) => /at step 200/.test(text), 'held-out pairs');
        await lab.until((state) => state.pairs.validation?.step === 200, 'the score', 60_000);
        await lab.page.screenshot({ path: `${out}/pairs-${width}-${colorScheme}.png`, fullPage: width > 640 });
        const found = [];
        await eachPane(lab, async (pane) => {
          const wide = await lab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          check(wide <= 0, `${pane} scrolls sideways by ${wide} px`);
          found.push(...(await violations(lab)).map((violation) => `${pane}: ${violation}`));
        });
        check(found.length === 0, found.join('\n'));
      },
    })),
  ),
];
