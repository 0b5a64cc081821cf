// The lab on film reviews: a review as the net reads it, an own one, mistakes, words, and what counting words is worth.

import { readdir } from 'node:fs/promises';
import { violations } from '../lib/axe.mjs';
import { atRest, check, eventually, patient } from '../lib/check.mjs';
import { rowsThat, textThat } from '../lib/read.mjs';
import { eachPane } from './access.mjs';

const LAB = 'imdb?device=cpu';
const isThere = async (site) => (await readdir(`${site}/data`)).some((folder) => folder.startsWith('imdb'));
const number = (text) => parseFloat(text.replace('−', '-'));

// The data of this lab may not be published; a site without them has nothing to test here.
const tests = [
  {
    name: 'reviews-learned',
    about: 'the default lab has 82 % of the test reviews right within 60 s on the CPU, and stands beside a logistic regression on words',
    async run(lab, { note }) {
      await lab.open(LAB);
      const started = Date.now();
      await lab.call('play');
      await lab.until((state) => /done/i.test(state.phase), 'the last epoch', 60_000);
      const took = (Date.now() - started) / 1000;
      await lab.call('evaluate', 'test');
      const { test, validation } = await lab.until((state) => state.test, 'the test', 60_000);
      note(`${took.toFixed(1)} s; validation ${(100 * validation.accuracy).toFixed(1)} %, test ${(100 * test.accuracy).toFixed(1)} %`);
      check(test.accuracy >= 0.82, `${test.accuracy} of the test reviews`);
      const comparison = lab.page.locator('.comparison');
      await textThat(comparison, (text) => /Its C = /.test(text), 'the regression', 60_000);
      const rows = await rowsThat(comparison, (rows) => rows.length > 0 && rows.every((row) => row.every(Boolean)), 'the numbers of both');
      note(JSON.stringify(rows));
      for (const [, net, words, difference] of rows) {
        check(number(words) > 75 && number(words) < 90, `words alone have ${words}`);
        check(Math.abs(number(net) - number(words) - number(difference)) < 0.11, `${net} less ${words} is not ${difference}`);
      }
    },
  },
  {
    name: 'reviews-own',
    about: 'an own review is answered word by word: what praises is above 0 and what blames below, unknown words are marked, the arrow keys read one after the other, and a table has all',
    async run(lab) {
      await lab.open(`${LAB}&epochs=3`);
      await lab.call('play');
      await lab.until((state) => /done/i.test(state.phase), 'three epochs', 60_000);
      const own = lab.page.locator('.own-review');
      const said = own.locator('.subject');
      await lab.page.getByLabel('Your own review', { exact: true }).fill('A wonderful, perfect film. Excellent xqzzy!');
      await textThat(said, (text) => /^6 words, 1 of them unknown: read as positive/.test(text), 'praise');
      await lab.button('Your own review, table').click();
      const table = lab.page.getByRole('region', { name: 'Your own review, contribution by word', exact: true });
      const rows = await rowsThat(table, (rows) => rows.length === 6 && rows.every((row) => row[2]), 'six words in the table');
      const of = (word) => number(rows.find((row) => row[0] === word)[2]);
      check(of('excellent') > 0 && of('perfect') > 0, JSON.stringify(rows));
      check(rows.some((row) => row[0] === 'xqzzy (unknown)'), JSON.stringify(rows));
      await own.locator('.review-words').focus();
      await lab.page.keyboard.press('End');
      await textThat(own.locator('.readout'), (text) => /Word 6 of 6, “xqzzy”, which the net does not know: /.test(text), 'the last word');
      await lab.page.keyboard.press('ArrowLeft');
      await textThat(own.locator('.readout'), (text) => /Word 5 of 6, “excellent”: \+/.test(text), 'the word before');
      await lab.page.getByLabel('Your own review', { exact: true }).fill('The worst film ever: awful, boring and a waste of time.');
      await textThat(said, (text) => /: read as negative/.test(text), 'blame');
    },
  },
  {
    name: 'reviews-mistakes',
    about: 'a mistake of the list opens on the stage, with its truth and another answer; so does a review of a cell of the matrix',
    async run(lab) {
      await lab.open(`${LAB}&epochs=2`);
      await lab.call('play');
      await lab.until((state) => /done/i.test(state.phase), 'two epochs', 60_000);
      const subject = lab.page.locator('.sees .subject');
      const first = lab.page.locator('.mistakes .review-item').first();
      // The list is that of the last evaluation, which comes behind the last step.
      const words = await atRest(() => first.innerText(), (text) => /\w+ → \w+/.test(text), 'the first mistake', { restMs: 500 });
      const [, truth, answer] = /(\w+) → (\w+)/.exec(words);
      await first.click();
      await textThat(subject, (text) => text.includes(`truth ${truth}`) && text.includes(`read as ${answer}`), 'the mistake on the stage');
      await lab.page.locator('.confusion canvas').focus();
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.keyboard.press('Enter');
      await lab.page.locator('.opened .review-item').first().click();
      await textThat(subject, (text) => /truth (negative, read as positive|positive, read as negative)/.test(text), 'a confused review on the stage');
    },
  },
  {
    name: 'reviews-words',
    about: 'the data are browsed by class, the window cuts reviews off, and a word has its number, its count and its embedding',
    async run(lab) {
      await lab.open(`${LAB}&window=50`);
      await textThat(lab.page.locator('.sees .review-words'), (text) => text.split(/\s+/).length > 20, 'a review');
      await lab.page.locator('.sees .review-words .cut').first().waitFor();
      await lab.button('Browse data').click();
      const dialog = lab.page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'positive', exact: true }).click();
      await dialog.getByText(/of 2,0\d\d|of 1,9\d\d/).waitFor();
      const isPage = (listed) => listed.length === 50 && listed.every((text) => /positive/.test(text));
      await eventually(() => dialog.locator('.review-item strong').allInnerTexts(), isPage, 'fifty positive reviews');
      await dialog.locator('.review-item').nth(3).click();
      await textThat(lab.page.locator('.sees .subject'), (text) => /^Train .*truth positive/.test(text), 'the chosen review');

      const vocabulary = lab.page.locator('.vocabulary');
      await vocabulary.getByLabel('Look up a word').fill('The');
      await textThat(vocabulary.locator('.readout'), (text) => /“the” is token 2, the 1st most frequent word\. It stands [\d,]+ times/.test(text), 'the most frequent word');
      await vocabulary.getByRole('img', { name: /^Embedding of 16 numbers: / }).waitFor();
      await vocabulary.getByLabel('Look up a word').fill('xqzzy');
      await textThat(vocabulary.locator('.readout'), (text) => /not in the vocabulary/.test(text), 'an unknown word');
    },
  },
  ...['light', 'dark'].flatMap((colorScheme) =>
    [1280, 390].map((width) => ({
      name: `reviews-layout-${width}-${colorScheme}`,
      about: `the lab on reviews at ${width} px, ${colorScheme}: no sideways scroll, axe-core finds nothing`,
      context: { viewport: { width, height: 844 }, colorScheme },
      async run(lab, { out }) {
        await lab.open(`${LAB}&epochs=1`);
        await lab.call('play');
        await lab.until((state) => /done/i.test(state.phase), 'an epoch', 60_000);
        await lab.page.locator('.mistakes .review-item').first().waitFor({ state: 'attached' });
        await lab.page.locator('.comparison').getByText(/Its C = /).waitFor({ state: 'attached', timeout: patient(60_000) });
        await lab.page.screenshot({ path: `${out}/reviews-${width}-${colorScheme}.png`, fullPage: width > 640 });
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

export default tests.map((test) => ({
  ...test,
  async run(lab, given) {
    return (await isThere(given.site)) ? test.run(lab, given) : given.note('the reviews are not on this site');
  },
}));
