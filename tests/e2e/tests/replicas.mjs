// Several cores without special headers: who computes a part of a batch changes no loss, and one who dies is replaced.

import { becomes, check, equal, eventually, patient } from '../lib/check.mjs';
import { checked } from '../lib/read.mjs';

// Long enough to be shared: 72 million multiplications a step. With dropout, whose masks are easy to lose.
const LINK = 'mnist?layers=conv:16:5:valid:relu,pool:2,drop:0.25,dense:64:relu&device=cpu';
// Steps after which replicas must have been tried: some are timed alone first, and starting a worker takes a while.
const MOST_STEPS = 400;

// Takes single steps until `done`, and returns the loss of each.
async function stepUntil(lab, what, done) {
  const losses = [];
  for (let state = await lab.state(); !(await done(state)); ) {
    check(losses.length < MOST_STEPS, `${MOST_STEPS} steps without: ${what}; ${JSON.stringify(state)}`);
    losses.push(...(await lab.losses(1)));
    state = await lab.state();
  }
  return losses;
}

const isShared = (state) => state.workers === 2;

async function replicas(lab) {
  const named = await Promise.all(lab.page.workers().map(async (it) => [it, await it.evaluate(() => self.name).catch(() => '')]));
  return named.filter(([, name]) => name === 'descent-replica').map(([it]) => it);
}

// The same steps with the switch off.
async function alone(lab, count) {
  await lab.open(`${LINK}&cores=one`);
  const losses = await lab.losses(count);
  await becomes(async () => [(await lab.state()).workers, (await replicas(lab)).length], [1, 0], 'workers and replicas with the switch off');
  return losses;
}

export default [
  {
    name: 'cores-same-losses',
    about: 'two workers share the steps without shared memory, and every loss is that of one, to the bit',
    timeoutMs: 300_000,
    async run(lab, { newLab, note }) {
      await lab.open(LINK);
      equal(await lab.page.evaluate(() => [self.crossOriginIsolated, typeof SharedArrayBuffer]), [false, 'undefined'], 'isolation');
      const losses = await stepUntil(lab, 'two workers', isShared);
      const first = losses.length;
      losses.push(...(await lab.losses(10)));
      await lab.page.getByText(/^2 workers$/).filter({ visible: true }).first().waitFor();
      equal(losses, await alone(await newLab(), losses.length), `losses, shared from step ${first} on`);

      // A reset repeats the curve; what was under way for the run before is nobody's.
      await lab.call('reset');
      equal(await lab.losses(5), losses.slice(0, 5), 'losses after a reset');

      // The verdict, in words, whatever it is on this machine.
      await lab.click('Play');
      const words = lab.page.locator('#pane-set-up').getByText(/ms a step alone/);
      await words.waitFor({ timeout: patient(60_000) });
      note((await words.innerText()).replace(/\s+/g, ' '));
      await lab.call('pause');

      // The switch acts at once, stands in the address, and nobody is left behind.
      const box = lab.page.getByLabel('Use several cores', { exact: true });
      await checked(box, 'the switch at first');
      await box.uncheck();
      await becomes(async () => (await lab.state()).link, `${LINK}&cores=one`, 'the address');
      await lab.call('step', 1);
      await becomes(async () => [(await lab.state()).workers, (await replicas(lab)).length], [1, 0], 'workers and replicas after the switch');
    },
  },
  {
    name: 'replica-killed',
    about: 'a replica that dies without a word is replaced; the run goes on and no loss changes',
    timeoutMs: 300_000,
    async run(lab, { newLab, note }) {
      await lab.open(LINK);
      const losses = await stepUntil(lab, 'two workers', isShared);
      const [victim] = await eventually(() => replicas(lab), (all) => all.length > 0, 'a replica');
      await victim.evaluate(() => self.close());
      const begin = Date.now();
      losses.push(...(await lab.losses(1)));
      note(`given up after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
      losses.push(...(await lab.losses(3)));
      equal(losses, await alone(await newLab(), losses.length), 'losses');
      await lab.click('Play');
      await lab.until((state) => state.step > losses.length + 10, 'the run goes on');
      equal((await lab.said()).filter((text) => /stopped|restart|crash|fresh worker/i.test(text)), [], 'what the page said of it');
    },
  },
];
