// Times the bench page of a built site in headless Chromium:
//
//   node xtask/bench.mjs --site dist [--works mlp,cnn | --labs] [--device cpu|webgpu] [--workers 1] [--peers folder [--peers-args="…"]]
//
// Browser and static server are those of the end-to-end tests. With `--peers` a comparison with other libraries times this page
// among them, in one browser run.

import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { launch } from '../tests/e2e/lib/browser.mjs';
import { serve } from '../tests/e2e/lib/server.mjs';

const { values } = parseArgs({
  options: {
    site: { type: 'string' },
    works: { type: 'string', default: 'matmul512,mlp,cnn,cnn-cifar,lstm-char,tiny' },
    labs: { type: 'boolean', default: false },
    device: { type: 'string', default: 'cpu' },
    workers: { type: 'string' },
    peers: { type: 'string' },
    'peers-args': { type: 'string', default: '' },
  },
});
const server = await serve(values.site);
const settings = [values.device === 'webgpu' && 'device=webgpu', values.workers && `workers=${values.workers}`].filter(Boolean);
const page = (more = []) => `${server.base}#/bench${[...settings, ...more].map((it, idx) => `${idx ? '&' : '?'}${it}`).join('')}`;

/** Our own works, with the share of this build's own matrix product that each reaches. */
async function ours() {
  const browser = await launch();
  let best = NaN;
  for (const work of values.works.split(',')) {
    // A fresh page for each work, as in comparisons with other libraries: nothing is warm from the one before.
    const tab = await browser.newPage();
    await tab.goto(page());
    await tab.waitForFunction(() => typeof window.bench === 'function', null, { timeout: 60_000 });
    const { msPerStep, examplesPerSec, gflops } = await tab.evaluate((name) => window.bench(name), work);
    if (work === 'matmul512') best = gflops;
    const share = Number.isNaN(best) ? '' : `${Math.round((100 * gflops) / best)} % of matmul512`;
    console.log(
      [work.padEnd(10), `${msPerStep.toFixed(3).padStart(9)} ms a step`, `${Math.round(examplesPerSec)}`.padStart(9), 'examples/s',
        `${gflops.toFixed(2).padStart(7)} GFLOP/s`, share].join(' '),
    );
    await tab.close();
  }
  await browser.close();
}

/** Every lab of the course on made-up data, by one worker. */
async function labs() {
  const browser = await launch();
  const tab = await browser.newPage();
  await tab.goto(page());
  await tab.waitForFunction(() => typeof window.bench === 'function', null, { timeout: 60_000 });
  for (const link of await tab.evaluate(() => window.bench.labs)) {
    const { msPerStep } = await tab.evaluate((name) => window.bench(name), link);
    console.log(`${(1000 / msPerStep).toFixed(1).padStart(9)} steps/s ${msPerStep.toFixed(3).padStart(9)} ms a step  ${link}`);
  }
  await browser.close();
}

/** The comparison's own run; one worker and as many as there are cores count as two. */
function comparison() {
  const extras = ['--extra', `descent=${page()}`, '--extra', `descent-1-worker=${page(['workers=1'])}`];
  const args = ['run.mjs', ...extras, ...values['peers-args'].split(' ').filter(Boolean)];
  return new Promise((resolve, reject) => {
    const run = spawn('node', args, { cwd: values.peers, stdio: 'inherit' });
    run.on('exit', (code) => (code ? reject(new Error(`the comparison ended with ${code}`)) : resolve()));
  });
}

try {
  await (values.peers ? comparison() : values.labs ? labs() : ours());
} finally {
  await server.close();
}
