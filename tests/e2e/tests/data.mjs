// Shards that are missing, cut short or altered: named, fetched again, nothing half-loaded.

import { check, equal, patient } from '../lib/check.mjs';
import { textThat } from '../lib/read.mjs';
import { manifest } from '../lib/server.mjs';

const CPU = 'mnist?device=cpu';
const NETWORK_ERROR = /Failed to load resource/;

const BREAKAGE = {
  missing: () => ({ status: 404 }),
  truncated: () => ({ body: (bytes) => bytes.subarray(0, bytes.length >> 1) }),
  altered: () => ({
    body: (bytes) => {
      bytes[bytes.length >> 1] ^= 0x10;
      return bytes;
    },
  }),
};

const healing = Object.entries(BREAKAGE).map(([kind, fault]) => ({
  name: `shard-${kind}-once`,
  about: `a shard that comes ${kind} once is named, fetched again and trained on`,
  async run(lab, { server, site }) {
    lab.allow(NETWORK_ERROR);
    const { folder, train } = await manifest(site);
    const broken = `${folder}/${train[0].file}`;
    server.faults.push((path, nth) => (path === broken && nth === 1 ? fault() : undefined));
    await lab.open(CPU, { ready: false });
    await lab.call('play');
    await lab.untilSaid(/shard/i);
    await lab.until((state) => state.step > 10, 'training after the second fetch', 60_000);
    check(server.counts.get(broken) >= 2, 'the shard was not fetched again');
  },
}));

const lasting = Object.entries(BREAKAGE).map(([kind, fault]) => ({
  name: `shard-${kind}`,
  about: `a shard that stays ${kind} stops the run with an alert; Play goes on when the server heals; the curve is the same`,
  async run(lab, { server, site, newLab }) {
    lab.allow(NETWORK_ERROR);
    const { folder, train } = await manifest(site);
    const broken = `${folder}/${train[0].file}`;
    let ill = true;
    server.faults.push((path) => (ill && path === broken ? fault() : undefined));
    await lab.open(CPU, { ready: false });
    lab.call('play').catch(() => {});
    const alert = lab.page.getByRole('alert').filter({ hasText: /shard|train-0|data/i });
    await alert.first().waitFor({ timeout: patient(60_000) });
    await textThat(alert.first(), (text) => text.includes(train[0].file) || /shard/i.test(text), 'an alert that names the shard');
    equal((await lab.state()).step, 0, 'steps on missing data');
    check(server.counts.get(broken) >= 2, 'it was not fetched again');
    ill = false;
    await lab.page.getByRole('button', { name: /^(Play|Try again|Retry)$/ }).filter({ visible: true }).first().click();
    await lab.until((state) => state.step > 10, 'training after the server healed', 60_000);
    await lab.call('pause');
    await lab.call('reset');
    const losses = await lab.losses(10);
    const other = await newLab();
    await other.open(CPU);
    equal(await other.losses(10), losses, 'losses of a visit without trouble');
  },
}));

export default [
  ...healing,
  ...lasting,
  {
    name: 'late-shard-missing',
    about: 'training starts after the first shard and waits, in words, for one that is slow',
    async run(lab, { server, site }) {
      const { folder, train } = await manifest(site);
      check(train.length > 1, 'there is more than one shard');
      let arrive;
      const until = new Promise((done) => (arrive = done));
      const late = train.slice(1).map((shard) => `${folder}/${shard.file}`);
      server.faults.push((path) => (late.includes(path) ? { until } : undefined));
      await lab.open('mnist?batch=512&device=cpu', { ready: false });
      await lab.call('play');
      const waiting = await lab.until((state) => state.step >= 2 && /loading/i.test(state.phase), 'steps on the first shard, and then a wait');
      await lab.untilSaid(/Waiting for data/);
      equal(waiting.epoch, 0, 'epochs on one shard');
      arrive();
      await lab.until((state) => state.epoch >= 1, 'the epoch, when all have come', 60_000);
    },
  },
  {
    name: 'generated-digits',
    about: 'where MNIST is out of reach, digits are generated, the page says so, and they can be learned',
    async run(lab, { server }) {
      lab.allow(NETWORK_ERROR);
      server.faults.push((path) => (path.startsWith('data/') ? { status: 404 } : undefined));
      await lab.open(CPU, { ready: false });
      await lab.until((state) => /ready/i.test(state.phase), 'a lab without MNIST', 60_000);
      await textThat(lab.page.locator('body'), /generated|drawn|strokes/i, 'the page says that the digits are generated');
      const first = await lab.losses(1);
      await lab.call('step', 150);
      const { loss } = await lab.state();
      check(loss < first[0] / 2, `the loss went from ${first[0]} to ${loss}`);
    },
  },
  {
    name: 'hostile-manifest',
    about: 'a manifest that is not one is told in words',
    async run(lab, { server }) {
      lab.allow(NETWORK_ERROR);
      server.faults.push((path) => (path.endsWith('manifest.json') && path.startsWith('data/') ? { body: () => Buffer.from('{"format": 1, "train": "everything"}') } : undefined));
      await lab.open(CPU, { ready: false });
      await lab.untilSaid(/list of data files|manifest/i, 60_000);
    },
  },
  {
    name: 'slow-data',
    about: 'while data load, the page says how much has come',
    async run(lab, { server }) {
      server.faults.push((path) => (path.includes('train') ? { delayMs: 1_500 } : undefined));
      await lab.open(CPU, { ready: false });
      lab.call('play').catch(() => {});
      await lab.page.getByText(/\d[\d.,]* ?(of|\/) ?\d[\d.,]* ?MB|\d ?MB/).first().waitFor();
      await lab.until((state) => state.step > 5, 'training', 60_000);
    },
  },
  {
    name: 'works-without-network',
    about: 'once loaded, nothing more is asked of the network',
    async run(lab, { server }) {
      await lab.open('mnist?batch=1024&device=cpu');
      await lab.click('Epoch');
      const isOver = (state) => state.epoch === 1 && state.validation?.step === state.step && !/training|evaluating|loading/i.test(state.phase);
      await lab.until(isOver, 'an epoch, with all shards, and its validation', 60_000);
      const count = server.requests.length;
      await lab.context.setOffline(true);
      await lab.click('Reset');
      await lab.until((state) => state.step === 0, 'step 0');
      await lab.call('step', 5);
      await lab.call('evaluate', 'validation');
      equal(server.requests.length, count, 'requests after the first load');
    },
  },
];
