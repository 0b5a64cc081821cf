// The lab on planted words: what was planted is recovered while it learns, the map, neighbours and analogies.

import { violations } from '../lib/axe.mjs';
import { becomes, check, equal, eventually } from '../lib/check.mjs';
import { attributeThat, enabled, textThat } from '../lib/read.mjs';
import { eachPane, noSidewaysScroll } from './access.mjs';

const LAB = 'planted-words?epochs=1';

const recovered = (text) => Number(/Analogies\s+(\d+) of 90/.exec(text)?.[1] ?? NaN);

// By keyboard: the radio buttons lie invisibly over their labels.
async function choose(lab, vectors) {
  const radio = lab.page.getByRole('radio', { name: vectors, exact: true });
  await radio.focus();
  await radio.press('Space');
}

// Chooses GloVe and waits until its words have come.
async function lookAtGlove(lab) {
  await choose(lab, 'GloVe');
  await textThat(lab.page.locator('.word-source .readout'), (text) => /^10,000 words of GloVe/.test(text), 'GloVe has come');
}

// The divergence of a map by t-SNE that rests, with as many digits as the page shows.
async function divergence(lab, what) {
  const text = await textThat(lab.page.locator('.word-map .unit'), /^divergence [\d.]+ nats$/, what);
  return Number(/[\d.]+/.exec(text)[0]);
}

const access = [false, true].flatMap((glove) => ['light', 'dark'].flatMap((colorScheme) =>
  [1280, 390].map((width) => ({
    name: `words-access-${glove ? 'glove-' : ''}${width}-${colorScheme}`,
    about: `axe-core finds nothing wrong with the stage of words${glove ? ' that shows GloVe by t-SNE' : ''} at ${width} px, ${colorScheme}, and nothing scrolls sideways`,
    context: { viewport: { width, height: 844 }, colorScheme },
    async run(lab) {
      await lab.open(LAB);
      await lab.call('step', 100);
      if (glove) {
        await lookAtGlove(lab);
        await choose(lab, 't-SNE');
        await divergence(lab, 'a map by t-SNE');
      }
      const found = [];
      await eachPane(lab, async (pane) => {
        await noSidewaysScroll(lab, `${width} px, ${pane}`);
        found.push(...(await violations(lab)).map((violation) => `${pane}: ${violation}`));
      });
      check(found.length === 0, found.join('\n'));
    },
  })),
));

export default [
  {
    name: 'words-recovered',
    about: 'an epoch of planted words recovers at least 85 of the 90 planted analogies, nearly none of which stood at the start',
    async run(lab, { note }) {
      await lab.open(LAB);
      const planted = lab.page.locator('.planted');
      const before = recovered(await textThat(planted, (text) => recovered(text) >= 0, 'the score at the start'));
      check(before <= 9, `${before} analogies before the first step`);
      const started = Date.now();
      await lab.call('play');
      await lab.until((state) => /done/i.test(state.phase), 'an epoch', 60_000);
      const after = recovered(await textThat(planted, (text) => recovered(text) >= 85, 'the score at the end'));
      note(`${before} to ${after} of 90 in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    },
  },
  {
    name: 'words-asked',
    about: 'after training man is to woman as king is to queen; an unknown word is told; a neighbour in the list becomes the word, and so does a word that the arrow keys reach on the map',
    async run(lab) {
      await lab.open(LAB);
      await lab.call('play');
      await lab.until((state) => /done/i.test(state.phase), 'an epoch', 60_000);
      const analogy = lab.page.locator('.analogy');
      await textThat(analogy.locator('.readout'), (text) => text === '“man” is to “woman” as “king” is to “queen”.', 'the analogy');
      await analogy.getByLabel('so is', { exact: true }).fill('boy');
      await textThat(analogy.locator('.readout'), (text) => text === '“man” is to “woman” as “boy” is to “girl”.', 'another analogy');
      await analogy.getByLabel('so is', { exact: true }).fill('zebra');
      await textThat(analogy.locator('.readout'), (text) => text === '“zebra” is none of the words.', 'an unknown word');
      const typed = lab.page.getByLabel('Nearest to', { exact: true });
      await typed.fill('paris');
      const neighbours = lab.page.locator('.neighbours tbody').getByRole('button');
      const name = (await textThat(neighbours.first(), (text) => text.trim() && text.trim() !== 'paris', 'a neighbour of paris')).trim();
      // By its name: the vectors of the last step may come now, with another order.
      await neighbours.and(lab.button(name)).click();
      await becomes(() => typed.inputValue(), name, 'the chosen neighbour');
      const map = lab.page.locator('.map-chart');
      await attributeThat(map, 'aria-label', /Map of 96 words/, 'the map of all words');
      await map.focus();
      // At the edge of the map there is no word further on; one way there is.
      const reached = async () => {
        for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
          await map.press(key);
          const now = await typed.inputValue();
          if (now !== name) return now;
        }
        return name;
      };
      await eventually(reached, (word) => word !== name, `a word that the arrow keys reach from ${name}`);
      await map.press('+');
      await enabled(lab.button('Zoom out'), 'Zoom out after plus');
    },
  },
  {
    name: 'words-glove',
    about: 'GloVe is explored without a step of training: king − man + woman is queen, typed in the page; neighbours among 10,000 words; a map of the commonest and those asked for, by keyboard, too; no task of the main thread over 50 ms',
    async run(lab, { note }) {
      await lab.open(LAB);
      const from = await lab.page.evaluate(() => performance.now());
      await lookAtGlove(lab);
      equal(await lab.page.locator('.planted').count(), 0, 'what was planted is not asked of GloVe');
      const analogy = lab.page.locator('.analogy');
      const answer = (text, what) => textThat(analogy.locator('.readout'), (it) => it === text, what);
      await analogy.getByLabel('As', { exact: true }).fill('Athens');
      await analogy.getByLabel('is to', { exact: true }).fill('Greece');
      await analogy.getByLabel('so is', { exact: true }).fill('Baghdad');
      await answer('“athens” is to “greece” as “baghdad” is to “iraq”.', 'a capital');
      await analogy.getByLabel('As', { exact: true }).fill('man');
      await analogy.getByLabel('is to', { exact: true }).fill('woman');
      await analogy.getByLabel('so is', { exact: true }).fill('king');
      await answer('“man” is to “woman” as “king” is to “queen”.', 'the analogy');
      // NumPy on the published numbers: 0.852.
      check(/queen\s+0\.85/.test(await analogy.locator('tbody tr').first().innerText()), 'queen with its cosine');
      await lab.button('Analogy, leave the question out: its own words are no answers').click();
      await answer('“man” is to “woman” as “king” is to “king”.', 'the question left in');
      const typed = lab.page.getByLabel('Nearest to', { exact: true });
      await typed.fill('Dog');
      // NumPy on the published numbers: cat, 0.922.
      await textThat(lab.page.locator('.neighbours tbody tr').first(), (text) => /cat\s+0\.92/.test(text), 'the nearest to dog');
      await typed.fill('zebracorn');
      await textThat(lab.page.locator('.neighbours .readout'), (text) => text === '“zebracorn” is none of the words.', 'an unknown word');
      await typed.fill('queen');
      const map = lab.page.locator('.map-chart');
      const label = { innerText: () => map.getAttribute('aria-label') };
      await textThat(label, (text) => /Map of 300 words and of words asked for, out of 10,000/.test(text) && /queen is chosen/.test(text), 'the map is drawn');
      await map.focus();
      const reached = [];
      for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
        await map.press(key);
        reached.push(await typed.inputValue());
      }
      check(reached.some((word) => word !== 'queen'), 'the arrow keys stay at queen');
      const tasks = (await lab.page.evaluate(() => window.__longTasks)).filter((task) => task.start >= from);
      note(`longest task ${Math.max(0, ...tasks.map((task) => task.ms))} ms`);
      equal(tasks.length, 0, `tasks over 50 ms (${tasks.map((task) => `${Math.round(task.ms)} ms`)})`);
      equal((await lab.state()).step, 0, 'steps of training');
      await choose(lab, 'Learned here');
      await textThat(label, (text) => /Map of 96 words/.test(text), 'back to the planted words');
    },
  },
  {
    name: 'words-glove-missing',
    about: 'where the site has no GloVe, the page says so and goes back to the vectors learned here',
    async run(lab, { server }) {
      lab.allow(/Failed to load resource/);
      server.faults.push((path) => (path.includes('glove-v1') ? { status: 404 } : undefined));
      await lab.open(LAB);
      await choose(lab, 'GloVe');
      await textThat(lab.page.locator('.word-source .readout'), (text) => /could not be loaded: .*missing/.test(text), 'the reason');
      check(await lab.page.getByRole('radio', { name: 'Learned here', exact: true }).isChecked(), 'back to those learned here');
    },
  },
  {
    name: 'words-tsne',
    about: 'the map by t-SNE: its worker is fetched when first asked for; it follows the vectors while they learn and ends with far less divergence; again, another perplexity, GloVe, arrow keys; back to principal components',
    async run(lab, { server, note }) {
      await lab.open(LAB);
      const fetched = () => server.requests.filter(({ path }) => /^engine\/tsne-/.test(path)).length;
      equal(fetched(), 0, 'files of t-SNE that are fetched before it is asked for');
      const from = await lab.page.evaluate(() => performance.now());
      await choose(lab, 't-SNE');
      const before = await divergence(lab, 'the first map');
      // Boot module, bindings, program.
      equal(fetched(), 3, 'files of t-SNE');
      await lab.call('play');
      await lab.until((state) => /done/i.test(state.phase), 'an epoch', 60_000);
      // Until the vectors of the last step have come and been followed: of random vectors nobody is anybody's neighbour.
      const learned = await eventually(() => divergence(lab, 'a map of learned vectors'), (now) => now < 0.6 * before, `less than 0.6 of ${before} nats`);
      const map = lab.page.locator('.map-chart');
      const label = (fits, what) => attributeThat(map, 'aria-label', fits, what);
      await label(/Map of 96 words by t-SNE, divergence/, 'the map in words');
      await lab.button('Draw the map again from the start').click();
      const again = await divergence(lab, 'the map again');
      check(again < 1.2 * learned, `${again} from the start, ${learned} by following`);
      await lab.page.getByLabel('Perplexity', { exact: true }).selectOption('30');
      // More neighbours are easier to keep: the divergence falls with the perplexity (as in scikit-learn's figures for it).
      await eventually(() => divergence(lab, 'with a perplexity of 30'), (now) => now < again, `less than ${again} nats`);
      const typed = lab.page.getByLabel('Nearest to', { exact: true });
      const chosen = await typed.inputValue();
      await map.focus();
      const reached = [];
      for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
        await map.press(key);
        reached.push(await typed.inputValue());
      }
      check(reached.some((word) => word !== chosen), `the arrow keys stay at ${chosen}`);
      await lookAtGlove(lab);
      await label(/Map of 300 words and of words asked for, out of 10,000 by t-SNE, divergence/, 'GloVe by t-SNE');
      await typed.fill('volcano');
      await label(/volcano is chosen/, 'a word that was not on the map');
      const glove = await divergence(lab, 'the map with the new word');
      const tasks = (await lab.page.evaluate(() => window.__longTasks)).filter((task) => task.start >= from);
      note(`${before} to ${learned} nats, again ${again}, GloVe ${glove}; longest task ${Math.max(0, ...tasks.map((task) => task.ms))} ms`);
      await choose(lab, 'PCA');
      await label(/by two principal components/, 'back to principal components');
    },
  },
  {
    name: 'words-tsne-missing',
    about: 'where the site has no worker for t-SNE, the page says so and keeps the map by principal components',
    async run(lab, { server }) {
      lab.allow(/Failed to load resource/);
      server.faults.push((path) => (/^engine\/tsne-/.test(path) ? { status: 404 } : undefined));
      await lab.open(LAB);
      await choose(lab, 't-SNE');
      await textThat(lab.page.locator('.map-layout .problem'), /^t-SNE stopped: .*Choose it again to try again\.$/, 'the reason');
      check(await lab.page.getByRole('radio', { name: 'PCA', exact: true }).isChecked(), 'back to PCA');
      server.faults.length = 0;
      await choose(lab, 't-SNE');
      await divergence(lab, 'a map after all');
    },
  },
  {
    name: 'words-glove-reviews',
    about: 'film reviews begin from GloVe, frozen, by a choice in the set-up: 51 parameters are left, and they learn; where a set has no English words the choice is refused in words',
    async run(lab) {
      await lab.open('imdb?window=100&layers=embed:50,global:mean');
      const layer = lab.page.locator('.layers .layer').first();
      await layer.locator('summary').click();
      await layer.getByLabel('First vectors', { exact: true }).selectOption('glove:frozen');
      await lab.call('reset');
      // Fifty weights and a bias above the mean.
      await lab.until((state) => state.parameters === 51 && state.step === 0, 'only the last layer is learned', 60_000);
      await lab.call('step', 20);
      await lab.until((state) => state.step === 20, 'twenty steps', 60_000);
      check(/embed:50:glove:frozen/.test(decodeURIComponent(lab.page.url())), `the link says ${lab.page.url()}`);
      await lab.open('fra-eng?layers=embed:50:glove,gru:8:all', { ready: false });
      await textThat(lab.page.locator('#layer-problem-0'), (text) => /English words/.test(text), 'the refusal');
    },
  },
  {
    name: 'words-of-reviews',
    about: 'the words of film reviews learn from the shards of the reviews: nothing but those is fetched, nothing is planted, the map has the 300 commonest and those asked for, and an epoch brings families together',
    async run(lab, { note }) {
      await lab.open('review-words');
      equal(await lab.page.locator('.planted').count(), 0, 'what was planted is not asked');
      const map = lab.page.locator('.map-chart');
      await attributeThat(map, 'aria-label', /Map of 300 words and of words asked for, out of 3,000/, 'the map of the commonest');
      const started = Date.now();
      await lab.call('step', 2_198);
      await lab.until((state) => state.step === 2_198, 'an epoch', 120_000);
      note(`an epoch in ${((Date.now() - started) / 1000).toFixed(1)} s`);
      equal(await lab.page.getByLabel('Nearest to', { exact: true }).inputValue(), 'wife', 'the word that is asked for at first');
      await textThat(lab.page.locator('.neighbours tbody'), (text) => /father|husband|mother|married|pregnant/.test(text), 'family near wife');
      await attributeThat(map, 'aria-label', /wife is chosen/, 'it is on the map');
      const files = await lab.page.evaluate(() => performance.getEntriesByType('resource').map((it) => it.name));
      check(!files.some((file) => file.includes('review-words')), 'the set has no files of its own');
    },
  },
  ...access,
];
