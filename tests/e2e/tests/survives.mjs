// Reloads, crashes and lost devices.

import { check, equal, eventually } from '../lib/check.mjs';

// State that is easy to lose: running statistics, dropout masks, two moments.
const LINK = 'mnist?layers=dense:32:linear,bn,act:relu,drop:0.3&batch=64&device=cpu';

export default [
  {
    name: 'resume-after-reload',
    about: 'reload in the middle and resume gives the same as never reloading, to the bit',
    async run(lab, { newLab, note }) {
      const straight = await newLab();
      await straight.open(LINK);
      await straight.call('step', 120);
      const expected = await straight.weightsHash();

      await lab.open(LINK);
      await lab.call('step', 50);
      await lab.untilSaved(50);
      await lab.reload();
      const resumed = await lab.until((state) => state.step > 0, 'the checkpoint', 30_000);
      equal(resumed.step, 50, 'the step after the reload');
      await lab.call('step', 70);
      equal(await lab.weightsHash(), expected, 'weights after 50 steps, reload, 70 steps');
      note((await lab.said()).find((text) => /goes on/i.test(text)) ?? 'said nothing about it');
    },
  },
  {
    name: 'reload-while-training',
    about: 'a reload in full flight loses at most the last seconds, and the curve goes on to the bit',
    async run(lab, { newLab, note }) {
      await lab.open(LINK);
      await lab.click('Play');
      await lab.until((state) => state.step > 20, 'training');
      await lab.untilSaved(21);
      const before = await lab.state();
      await lab.reload();
      await lab.until((state) => state.step > 0, 'a checkpoint', 30_000);
      await lab.call('pause');
      const { step } = await lab.state();
      note(`at ${before.step}, resumed at ${step}`);
      const target = step + 30;
      await lab.call('step', 30);
      const hash = await lab.weightsHash();
      const straight = await newLab();
      await straight.open(LINK);
      await straight.call('step', target);
      equal(await straight.weightsHash(), hash, `weights at step ${target}`);
    },
  },
  {
    name: 'another-link-is-another-run',
    about: 'a saved run is not taken for another experiment',
    async run(lab) {
      await lab.open(LINK);
      await lab.call('step', 20);
      await lab.untilSaved(20);
      await lab.open('mnist?layers=none&device=cpu');
      await lab.reload();
      const state = await lab.until((it) => /ready|paused/i.test(it.phase), 'the lab');
      equal([state.step, state.parameters], [0, 7_850], 'a fresh run of the other model');
    },
  },
  {
    name: 'worker-killed',
    about: 'a worker that dies mid-run is replaced, the run goes on from the checkpoint, and the page says so',
    async run(lab, { note }) {
      await lab.open(`${LINK}&epochs=1000`);
      await lab.click('Play');
      await lab.until((state) => state.step > 20, 'training');
      await lab.call('pause');
      const { step } = await lab.state();
      await lab.call('play');
      await lab.until((state) => state.step > step, 'training again');
      const begin = Date.now();
      await lab.worker().evaluate(() => self.close());
      await lab.untilSaid(/worker|restart|stopped answering|crash|recover/i, 60_000);
      note(`said after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
      const state = await lab.until((it) => it.step > step + 20 && /training/i.test(it.phase), 'training goes on', 60_000);
      check(state.step >= step, 'the run went back to its start');
    },
  },
  {
    name: 'worker-killed-while-ready',
    about: 'a worker that dies before Play is replaced as well',
    async run(lab) {
      await lab.open(LINK);
      // Nobody hears of its end; Play is pressed on a worker that is gone.
      const gone = lab.worker();
      await gone.evaluate(() => self.close());
      await eventually(() => gone.evaluate(() => true).catch(() => false), (lives) => !lives, 'the worker to be gone');
      await lab.click('Play');
      await lab.until((state) => state.step > 5, 'training', 60_000);
    },
  },
  {
    name: 'hostile-checkpoint',
    about: 'a damaged saved run is refused in words and the lab starts fresh',
    async run(lab) {
      await lab.open(LINK);
      await lab.call('step', 20);
      await lab.untilSaved(20);
      const damaged = await lab.page.evaluate(async () => {
        let count = 0;
        const done = (request) => new Promise((ok, bad) => ((request.onsuccess = () => ok(request.result)), (request.onerror = () => bad(request.error))));
        const spoil = (value) => {
          if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
            const bytes = new Uint8Array(value instanceof ArrayBuffer ? value : value.buffer);
            for (let i = 0; i < bytes.length; i += 37) bytes[i] ^= 0xff;
            count += 1;
          } else if (value && typeof value === 'object') Object.values(value).forEach(spoil);
          return value;
        };
        for (const { name } of await indexedDB.databases()) {
          const db = await done(indexedDB.open(name));
          for (const store of db.objectStoreNames) {
            const objects = db.transaction(store, 'readwrite').objectStore(store);
            const [keys, values] = [await done(objects.getAllKeys()), await done(objects.getAll())];
            for (const [idx, key] of keys.entries()) await done(objects.keyPath ? objects.put(spoil(values[idx])) : objects.put(spoil(values[idx]), key));
          }
          db.close();
        }
        return count;
      });
      check(damaged > 0, 'no saved run was found in IndexedDB');
      await lab.reload();
      await lab.untilSaid(/saved run/i, 30_000);
      const state = await lab.until((it) => /ready|paused/i.test(it.phase), 'a fresh lab');
      equal(state.step, 0, 'step');
      await lab.call('step', 3);
      equal((await lab.state()).step, 3, 'it trains');
    },
  },
];
