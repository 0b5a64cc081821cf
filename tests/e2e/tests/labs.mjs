// Every lab of the course keeps what its card promises.

import { check, equal } from '../lib/check.mjs';
import { textHere } from '../lib/course.mjs';
import { countOf, textThat } from '../lib/read.mjs';

const WEEKS = 12;
// "Validation accuracy at least 95 % within 400 steps", "Gradient ratio, lowest layer over highest, below 0.05 still, after 100 steps".
// The same of "The number of training mistakes at most 0 within 100 steps".
const PROMISE =
  /^(Validation accuracy|Validation loss|The number of training mistakes|Gradient ratio, lowest layer over highest,) (at least|at most|more than|below) ([\d.]+)( %)? (within|still, after) (\d+) steps$/;
const HOLDS = {
  'at least': (value, bound) => value >= bound,
  'at most': (value, bound) => value <= bound,
  'more than': (value, bound) => value > bound,
  below: (value, bound) => value < bound,
};

async function labsOf(lab, week) {
  await lab.page.goto('about:blank');
  await lab.page.goto(`${lab.server.base}#/week/${week}`);
  await lab.page.locator('main h1').waitFor();
  await textHere(lab);
  return lab.page.evaluate(() =>
    [...document.querySelectorAll('.week-labs li')].map((card) => ({
      title: card.querySelector('a').textContent,
      link: card.querySelector('a').getAttribute('href').replace(/^#\//, ''),
      promise: card.querySelector('p:last-of-type').textContent,
    })),
  );
}

// Takes a lab exactly so many steps, and gives the gradient norm of its lowest layer over that of its highest.
async function gradientRatio(lab, link, steps) {
  await lab.open(link);
  await lab.call('step', steps);
  return (await lab.state()).gradientRatio;
}

// Plays a lab for so many steps and gives what validation found: the best accuracy, the lowest loss, and the last of each.
async function play(lab, link, steps) {
  await lab.open(link);
  await lab.page.evaluate(() => {
    window.__points = [];
    window.descent.on('validation', ({ step, accuracy, loss }) => window.__points.push({ step, accuracy, loss }));
  });
  await lab.call('play');
  await lab.until((state) => state.step >= steps || /done|diverged/i.test(state.phase), `${steps} steps of ${link}`, 300_000);
  await lab.call('pause');
  const seen = await lab.page.evaluate((steps) => window.__points.filter((point) => point.step <= steps), steps);
  // The last picture of the plane comes with the pause.
  const state = await lab.until((state) => !state.line || state.line.step === state.step, 'the picture of the last step');
  const accuracy = { best: Math.max(...seen.map((point) => point.accuracy)), last: seen.at(-1)?.accuracy };
  const loss = { best: Math.min(...seen.map((point) => point.loss)), last: seen.at(-1)?.loss };
  return { accuracy, loss, mistakes: state.line?.mistakes };
}

// A lab for each kind of data.
const KINDS = ['mnist', 'spiral', 'stocks', 'shakespeare', 'imdb', 'dates', 'planted-words'];

export default [
  {
    name: 'labs-views-once',
    about: 'a lab of every kind has the curves, the evaluation, the gradients and the code, and no view twice',
    async run(lab) {
      for (const kind of KINDS) {
        await lab.open(kind);
        for (const title of ['Loss', 'Evaluation', 'Gradient norm per layer', 'The same in code']) {
          await countOf(lab.page.getByRole('heading', { level: 2, name: title, exact: true }), 1, `${kind}: “${title}”`);
        }
        const titles = await lab.page.locator('main h2').allInnerTexts();
        const twice = titles.filter((title, idx) => titles.indexOf(title) !== idx);
        equal(twice.length, 0, `${kind}: views that are there twice (${twice})`);
      }
    },
  },
  {
    name: 'labs-keep-their-promises',
    timeoutMs: 900_000,
    about: 'every lab of every week, and every set-up of a lab, opens from its card, its first Play learns, and what the card promises comes true in the steps it names',
    async run(lab, { note }) {
      const broken = [];
      const tried = new Set();
      let count = 0;
      for (let week = 1; week <= WEEKS; week++) {
        for (const { title, link, promise } of await labsOf(lab, week)) {
          // A set-up may be its lab's own link with the same promise: the saved run would only be opened again.
          if (tried.has(`${link} ${promise}`)) continue;
          tried.add(`${link} ${promise}`);
          const words = PROMISE.exec(promise);
          check(words, `the promise of "${title}" cannot be read: ${promise}`);
          const [, quantity, relation, number, isShare, when, steps] = words;
          let value;
          if (/^Gradient/.test(quantity)) {
            value = await gradientRatio(lab, link, Number(steps));
          } else {
            const { accuracy, loss, mistakes } = await play(lab, link, Number(steps));
            // Mistakes are found at rest, which is as good as on the way: what has come to rest stays there.
            const measured = /loss/.test(quantity) ? loss : accuracy;
            value = /mistakes/.test(quantity) ? mistakes : when === 'within' ? measured.best : measured.last;
          }
          if (!HOLDS[relation](value, Number(number) / (isShare ? 100 : 1))) broken.push(`week ${week}, ${title} (${link}): ${promise}, but it is ${value}`);
          count += 1;
        }
      }
      check(count >= 22, `only ${count} labs were found`);
      check(broken.length === 0, broken.join('\n'));
      note(`${count} labs`);
    },
  },
  {
    name: 'lab-set-ups',
    about: 'the set-ups of a lab change the running experiment in place, say what to watch, and keep the seed; gradients vanish and come back',
    async run(lab) {
      await lab.page.goto(`${lab.server.base}#/week/3`);
      await lab.page.locator('.week-labs').getByRole('link', { name: 'Five sigmoids asleep' }).click();
      await lab.page.waitForFunction(() => typeof window.descent?.state === 'function');
      await lab.until((state) => /ready|paused/i.test(state.phase), 'the lab', 60_000);
      const panel = lab.page.locator('.variants');
      await panel.getByRole('button', { name: 'Five sigmoids', pressed: true }).waitFor();
      const { seed } = await lab.state();
      const norms = [];
      for (const title of ['Five sigmoids', 'Tanh and Glorot']) {
        await panel.getByRole('button', { name: title, exact: true }).click();
        await lab.until((state) => state.step === 0 && /ready/i.test(state.phase), `${title}, from the start`);
        await panel.getByRole('button', { name: title, pressed: true }).waitFor();
        await textThat(panel.locator('.hint'), /\bWatch\b/, `what to watch in ${title}`);
        await lab.call('step', 20);
        norms.push((await lab.state()).gradientRatio);
      }
      check(norms[0] < 0.05 && norms[1] > 1, `gradient ratios ${norms}`);
      equal((await lab.state()).seed, seed, 'the seed');

      // A run that is under way goes on with the other network.
      await lab.click('Play');
      await lab.until((state) => state.step > 25, 'training');
      await panel.getByRole('button', { name: 'ReLU and He', exact: true }).click();
      await lab.until((state) => /init=he_normal/.test(state.link) && state.step > 3 && /training/i.test(state.phase), 'the other network trains');
      await lab.click('Pause');
      await lab.untilSaid(/^ReLU and He: .*Watch/);
      // Turned on, the panel stays, and none of its set-ups is said to be the one that runs.
      await lab.call('pause');
      await lab.page.getByLabel('Learning rate', { exact: true }).fill('0.07');
      await lab.page.keyboard.press('Enter');
      await lab.until((state) => /lr=0.07/.test(state.link), 'another rate');
      await countOf(panel.getByRole('button', { pressed: true }), 0, 'set-ups that are shown as running');
    },
  },
];
