// The page as a test sees it: `window.descent` and what a visitor can click, draw and read.

import { atRest, eventually } from './check.mjs';

export class Lab {
  constructor(page, server) {
    this.page = page;
    this.server = server;
  }

  // Opens a link (`mnist?model=cnn`) and waits until the lab stands.
  async open(link = '', { ready = true } = {}) {
    if (link && this.page.url().startsWith(this.server.base)) await this.moveTo(link);
    else await this.page.goto(this.server.base + (link ? `#${link}` : ''));
    await this.stands();
    return ready ? this.until((state) => /ready|paused|done/i.test(state.phase), 'the lab is ready', 60_000) : this.state();
  }

  // Edits the fragment of the address. The lab before it stands until the page has heard of that, and could be taken for this one.
  async moveTo(link) {
    const change = (link) =>
      new Promise((done) => {
        const before = location.href;
        window.addEventListener('hashchange', () => done(), { once: true });
        location.hash = link;
        if (location.href === before) done();
      });
    await this.page.evaluate(change, link);
  }

  // Loads the page anew and waits until it can be asked.
  async reload() {
    await this.page.reload();
    await this.stands();
  }

  async stands() {
    await this.page.waitForFunction(() => typeof window.descent?.state === 'function');
  }

  call(method, ...args) {
    return this.page.evaluate(async ([method, args]) => window.descent[method](...args), [method, args]);
  }

  state() {
    return this.page.evaluate(async () => JSON.parse(JSON.stringify(await window.descent.state())));
  }

  // The state once it fits.
  until(fits, what, timeoutMs = 30_000) {
    return eventually(() => this.state(), fits, what, timeoutMs, async () => `; said ${JSON.stringify(await this.said())}`);
  }

  // The state once everything commanded so far has been done: the worker has been through its loop since, and rests.
  async settled(timeoutMs = 30_000) {
    // It may answer the first question before it takes a step that it was commanded to take, but not the second.
    for (let nth = 0; nth < 2; nth++) await this.page.evaluate(async () => void (await window.descent.weights()));
    return this.until((state) => /ready|paused|done|diverged/i.test(state.phase), 'the worker rests', timeoutMs);
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  // The visible button of this name (a narrow page may hold one for each pane).
  async click(name) {
    await this.button(name).filter({ visible: true }).first().click();
  }

  // Wipes the drawing, if there is one: an empty pad has nothing to clear.
  async clear() {
    const clear = this.button('Clear');
    if (await clear.isEnabled()) await clear.click();
    await this.drawing((it) => !it?.probabilities?.length);
  }

  // Single steps, with the exact loss of each (an `f32` that JavaScript holds as a double without loss).
  losses(count) {
    return this.page.evaluate(async (count) => {
      const losses = [];
      for (let n = 0; n < count; n++) {
        await window.descent.step(1);
        losses.push((await window.descent.state()).loss);
      }
      return losses;
    }, count);
  }

  // SHA-256 of the weights file: two runs are equal to the bit exactly when these are.
  weightsHash() {
    return this.page.evaluate(async () => {
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(await window.descent.weights()));
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    });
  }

  weights() {
    return this.page.evaluate(async () => Array.from(new Uint8Array(await window.descent.weights())));
  }

  // Every text that stood in a live region since the page was loaded.
  said() {
    return this.page.evaluate(() => window.__said);
  }

  // The first text said that fits.
  async untilSaid(pattern, timeoutMs = 30_000) {
    const said = await eventually(() => this.said(), (said) => said.some((text) => pattern.test(text)), `to hear ${pattern}`, timeoutMs);
    return said.find((text) => pattern.test(text));
  }

  // Waits until the checkpoint of this step, or of a later one, lies in the browser's storage.
  async untilSaved(step, timeoutMs = 30_000) {
    await eventually(() => this.page.evaluate(savedSteps), (steps) => steps.some((saved) => saved >= step), `step ${step} to be saved`, timeoutMs);
  }

  async canvas() {
    const canvas = this.page.locator('canvas[aria-label="Draw a digit"]').or(this.page.getByLabel('Draw a digit', { exact: true })).first();
    await canvas.scrollIntoViewIfNeeded();
    return canvas;
  }

  // Draws strokes, given in the unit square with y down, with the mouse. `beforeUp` runs while the button is still held.
  async draw(strokes, beforeUp = async () => {}) {
    const canvas = await this.canvas();
    const box = await atRest(() => canvas.boundingBox(), Boolean, 'the canvas in its place');
    const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
    for (const [idx, stroke] of strokes.entries()) {
      await this.page.mouse.move(...at(stroke[0]));
      await this.page.mouse.down();
      for (const point of stroke.slice(1)) await this.page.mouse.move(...at(point));
      if (idx === strokes.length - 1) await beforeUp();
      await this.page.mouse.up();
    }
  }

  // The drawing as the page reads it, once it has one that `fits`.
  drawing(fits = (it) => it?.probabilities?.length, timeoutMs = 10_000) {
    const read = () =>
      this.page.evaluate(async () => {
        const it = await window.descent.drawing();
        return it && { digit: it.digit, probabilities: it.probabilities && Array.from(it.probabilities) };
      });
    return eventually(read, fits, 'a drawing that fits', timeoutMs);
  }

  worker() {
    const workers = this.page.workers();
    if (workers.length === 0) throw new Error('the page has no worker');
    return workers[workers.length - 1];
  }
}

// The steps of all runs in the browser's storage; runs in the page.
async function savedSteps() {
  const done = (request) => new Promise((ok, bad) => ((request.onsuccess = () => ok(request.result)), (request.onerror = () => bad(request.error))));
  // To open a database that is not there would make one.
  if (!(await indexedDB.databases()).some(({ name }) => name === 'descent')) return [];
  const db = await done(indexedDB.open('descent'));
  try {
    return (await done(db.transaction('runs').objectStore('runs').getAll())).map((run) => Number(run.progress.step));
  } finally {
    db.close();
  }
}

// Accuracy of an evaluation, however deep `state()` holds it.
export const accuracyOf = (evaluation) => (typeof evaluation === 'number' ? evaluation : evaluation?.accuracy ?? 0);

// Points along a smooth curve through `points` (Catmull and Rom 1974), about as dense as a mouse reports them.
export function smooth(points, perSegment = 6) {
  if (points.length < 3) return points;
  const out = [points[0]];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, c, d] = [points[Math.max(i - 1, 0)], points[i], points[i + 1], points[Math.min(i + 2, points.length - 1)]];
    for (let k = 1; k <= perSegment; k++) {
      const t = k / perSegment;
      const along = (n) => 0.5 * (2 * b[n] + (c[n] - a[n]) * t + (2 * a[n] - 5 * b[n] + 4 * c[n] - d[n]) * t * t + (3 * b[n] - a[n] - 3 * c[n] + d[n]) * t ** 3);
      out.push([along(0), along(1)]);
    }
  }
  return out;
}
