// The lab on planted words: what was planted is recovered while it learns, the map, neighbours and analogies.

import { violations } from '../lib/axe.mjs';
import { becomes, check, eventually } from '../lib/check.mjs';
import { attributeThat, enabled, textThat } from '../lib/read.mjs';
import { eachPane, noSidewaysScroll } from './access.mjs';

const LAB = 'planted-words?epochs=1';

const recovered = (text) => Number(/Analogies\s+(\d+) of 90/.exec(text)?.[1] ?? NaN);

const access = ['light', 'dark'].flatMap((colorScheme) =>
  [1280, 390].map((width) => ({
    name: `words-access-${width}-${colorScheme}`,
    about: `axe-core finds nothing wrong with the stage of words at ${width} px, ${colorScheme}, and nothing scrolls sideways`,
    context: { viewport: { width, height: 844 }, colorScheme },
    async run(lab) {
      await lab.open(LAB);
      await lab.call('step', 100);
      const found = [];
      await eachPane(lab, async (pane) => {
        await noSidewaysScroll(lab, `${width} px, ${pane}`);
        found.push(...(await violations(lab)).map((violation) => `${pane}: ${violation}`));
      });
      check(found.length === 0, found.join('\n'));
    },
  })),
);

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
      await textThat(analogy.locator('.readout'), (text) => text === 'man is to woman as king is to queen.', 'the analogy');
      await analogy.getByLabel('so is', { exact: true }).fill('boy');
      await textThat(analogy.locator('.readout'), (text) => text === 'man is to woman as boy is to girl.', 'another analogy');
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
  ...access,
];
