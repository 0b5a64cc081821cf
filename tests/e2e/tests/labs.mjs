// Every lab of the course keeps what its card promises.

import { check } from '../lib/check.mjs';

const WEEKS = 12;
// "Validation accuracy at least 95 % within 400 steps", "Validation accuracy below 85 % still, after 800 steps".
// The same of "The number of training mistakes at most 0 within 100 steps".
const PROMISE = /^(Validation accuracy|The number of training mistakes) (at least|at most|more than|below) ([\d.]+)( %)? (within|still, after) (\d+) steps$/;
const HOLDS = {
  'at least': (value, bound) => value >= bound,
  'at most': (value, bound) => value <= bound,
  'more than': (value, bound) => value > bound,
  below: (value, bound) => value < bound,
};

async function labsOf(lab, week) {
  await lab.page.goto('about:blank');
  await lab.page.goto(`${lab.server.base}#/week/${week}`);
  await lab.page.locator('main h1').waitFor({ timeout: 30_000 });
  return lab.page.evaluate(() =>
    [...document.querySelectorAll('.week-labs li')].map((card) => ({
      title: card.querySelector('a').textContent,
      link: card.querySelector('a').getAttribute('href').replace(/^#\//, ''),
      promise: card.querySelector('p:last-of-type').textContent,
    })),
  );
}

// Plays a lab for so many steps and gives the validation accuracies of its first evaluation, its best and its last.
async function play(lab, link, steps) {
  await lab.open(link);
  await lab.page.evaluate(() => {
    window.__accuracies = [];
    window.descent.on('validation', (point) => window.__accuracies.push([point.step, point.accuracy]));
  });
  await lab.call('play');
  await lab.until((state) => state.step >= steps || /done|diverged/i.test(state.phase), `${steps} steps of ${link}`, 300_000);
  await lab.call('pause');
  const seen = await lab.page.evaluate((steps) => window.__accuracies.filter(([step]) => step <= steps).map(([, accuracy]) => accuracy), steps);
  // The last picture of the plane comes with the pause.
  const state = await lab.until((state) => !state.line || state.line.step === state.step, 'the picture of the last step');
  return { best: Math.max(...seen), last: seen.at(-1), loss: state.loss, mistakes: state.line?.mistakes };
}

export default [
  {
    name: 'labs-keep-their-promises',
    about: 'every lab of every week opens from its card, its first Play learns, and what the card promises comes true in the steps it names',
    async run(lab, { note }) {
      const broken = [];
      let count = 0;
      for (let week = 1; week <= WEEKS; week++) {
        for (const { title, link, promise } of await labsOf(lab, week)) {
          const words = PROMISE.exec(promise);
          check(words, `the promise of "${title}" cannot be read: ${promise}`);
          const [, what, relation, bound, percent, when, steps] = words;
          const { best, last, mistakes } = await play(lab, link, Number(steps));
          // Mistakes are found at rest, which is as good as on the way: what has come to rest stays there.
          const value = /mistakes/.test(what) ? mistakes : when === 'within' ? best : last;
          if (!HOLDS[relation](value, Number(bound) / (percent ? 100 : 1))) broken.push(`week ${week}, ${title} (${link}): ${promise}, but it is ${value}`);
          count += 1;
        }
      }
      check(count >= 15, `only ${count} labs were found`);
      check(broken.length === 0, broken.join('\n'));
      note(`${count} labs`);
    },
  },
];
