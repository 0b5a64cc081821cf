// Are digits drawn with a mouse read right? Trains the CNN preset for one epoch, draws the twenty digits of drawings.json (two of
// each class) with mouse events, and asks for at least 18 right answers.
//
//   node tests/e2e/draw20.mjs --site dist [--link 'mnist?model=cnn&device=cpu'] [--least 18]
//
// The drawings are rows of points where a hand turned, in the unit square of the canvas with y down; the mouse follows a smooth
// curve through them. They were written down before any net had seen them, and are not adjusted to what a net makes of them.
// A picture of each goes to tests/out.

import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, openContext } from './lib/browser.mjs';
import { atRest } from './lib/check.mjs';
import { Lab, smooth } from './lib/lab.mjs';
import { serve } from './lib/server.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const link = option('link', 'mnist?model=cnn&device=cpu');
const least = Number(option('least', 18));
const out = path.join(HERE, '..', 'out', 'drawings');
const drawings = JSON.parse(await fs.readFile(path.join(HERE, 'drawings.json'), 'utf8'));

await fs.mkdir(out, { recursive: true });
const server = await serve(option('site', path.join(HERE, '..', '..', 'dist')));
const browser = await launch();
const { context, problems } = await openContext(browser, server);
const lab = new Lab(await context.newPage(), server);
await lab.open(link);
const begin = Date.now();
await lab.click('Epoch');
const trained = await lab.until((state) => state.epoch >= 1 && !/training/i.test(state.phase), 'one epoch', 600_000);
console.log(`one epoch of ${link} in ${((Date.now() - begin) / 1000).toFixed(0)} s, step ${trained.step}`);

let right = 0;
for (const [idx, { digit, style, strokes }] of drawings.entries()) {
  await lab.clear();
  await lab.draw(strokes.map((stroke) => smooth(stroke)));
  // The answer to the whole drawing, not to its beginning: it has come when it stays.
  const read = await atRest(() => lab.drawing(), () => true, 'the answer to a drawing', { restMs: 700 });
  const certain = Math.round(100 * read.probabilities[read.digit]);
  if (read.digit === digit) right += 1;
  console.log(`${read.digit === digit ? 'ok   ' : 'WRONG'} ${digit} (${style}) read as ${read.digit}, ${certain} %`);
  await (await lab.canvas()).screenshot({ path: path.join(out, `${String(idx).padStart(2, '0')}-${digit}-read-${read.digit}.png`) });
}
await browser.close();
await server.close();
for (const problem of problems) console.log(`the page misbehaved: ${problem}`);
console.log(`${right} of ${drawings.length} read right; ${least} are asked for`);
process.exit(right >= least && problems.length === 0 ? 0 : 1);
