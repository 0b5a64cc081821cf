// Reading what the page shows: words, tables, pictures. Each waits until what it reads fits.

import { atRest, changes, eventually } from './check.mjs';

const fitting = (fits) => (fits instanceof RegExp ? (text) => fits.test(text) : fits);

// The text of an element once it fits: a pattern, or a function of the text.
export const textThat = (locator, fits, what, timeoutMs = 30_000) => eventually(() => locator.innerText(), fitting(fits), what, timeoutMs);

// An attribute once it fits.
export const attributeThat = (locator, name, fits, what, timeoutMs = 10_000) =>
  eventually(() => locator.getAttribute(name), (value) => value !== null && fitting(fits)(value), what, timeoutMs);

// The rows of a table as they are now, each the texts of its cells.
export const rowsOf = (table) => table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((it) => it.innerText.trim())));

// The rows of a table once they fit; it follows the numbers at most once a second.
export const rowsThat = (table, fits, what, timeoutMs = 15_000) => eventually(() => rowsOf(table), fits, what, timeoutMs);

// Waits until so many are there.
export const countOf = (locator, count, what, timeoutMs = 10_000) => eventually(() => locator.count(), (now) => now === count, `${what}, ${count} of them`, timeoutMs);

// Waits until a control can be used, or cannot be.
export const enabled = (locator, what, timeoutMs = 10_000) => eventually(() => locator.isEnabled(), (now) => now, `${what}, enabled`, timeoutMs);
export const disabled = (locator, what, timeoutMs = 10_000) => eventually(() => locator.isDisabled(), (now) => now, `${what}, disabled`, timeoutMs);

// Waits until a radio button or a box is chosen.
export const checked = (locator, what, timeoutMs = 10_000) => eventually(() => locator.isChecked(), (now) => now, `${what}, chosen`, timeoutMs);

// The picture of a canvas as a number of its pixels, null while nothing is drawn on it: another picture has another.
export const picture = (canvas) =>
  canvas.evaluate((it) => {
    if (!it.width || !it.height) return null;
    const { data } = it.getContext('2d').getImageData(0, 0, it.width, it.height);
    return data.some((byte) => byte > 0) ? data.reduce((sum, byte, idx) => (sum * 31 + byte + idx) % 1_000_000_007, 7) : null;
  });

// Waits until a canvas shows something else than before: it is drawn when its turn comes, not at once.
export const redrawn = (canvas, before, what) => changes(() => picture(canvas), before, what);

// The picture of a canvas at rest: drawn, and the same for longer than two drawings are apart.
export const pictureAtRest = (canvas, what = 'a picture at rest') => atRest(() => picture(canvas), (now) => now !== null, what);

// Waits for two animation frames: what follows from signals alone is shown by then, and canvases that were due are drawn.
export const frames = (lab) => lab.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
