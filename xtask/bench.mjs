// Times the bench page of a built site in headless Chromium:
//
//   node xtask/bench.mjs --site dist [--works mlp,cnn] [--device cpu|webgpu]
//
// Browser and static server are those of the end-to-end tests.

import { parseArgs } from 'node:util';
import { launch } from '../tests/e2e/lib/browser.mjs';
import { serve } from '../tests/e2e/lib/server.mjs';

const { values } = parseArgs({
  options: { site: { type: 'string' }, works: { type: 'string', default: 'mlp,cnn' }, device: { type: 'string', default: 'cpu' } },
});
const server = await serve(values.site);
const browser = await launch();
try {
  for (const work of values.works.split(',')) {
    // A fresh page for each work, as in comparisons with other libraries: nothing is warm from the one before.
    const page = await browser.newPage();
    await page.goto(`${server.base}#/bench${values.device === 'webgpu' ? '?device=webgpu' : ''}`);
    await page.waitForFunction(() => typeof window.bench === 'function', null, { timeout: 60_000 });
    const { msPerStep, examplesPerSec } = await page.evaluate((name) => window.bench(name), work);
    console.log(`${work.padEnd(10)} ${msPerStep.toFixed(2).padStart(8)} ms a step ${Math.round(examplesPerSec).toString().padStart(8)} examples/s`);
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
