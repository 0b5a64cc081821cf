// Assertions that say what they saw, and the one loop that waits.

// How much slower than usual the page is made (`--slow`), and with it how much longer everything may take.
export const pace = { slow: 1 };

// A limit to wait, in milliseconds, at the pace of this run. What a test is about, a promised time, is no such limit.
export const patient = (ms) => ms * pace.slow;

export function check(condition, text) {
  if (!condition) throw new Error(text);
}

export function equal(actual, expected, text) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(a === b, `${text}: ${a?.slice(0, 300)}, expected ${b?.slice(0, 300)}`);
}

export function different(actual, other, text) {
  check(JSON.stringify(actual) !== JSON.stringify(other), `${text}: both are ${JSON.stringify(actual)?.slice(0, 200)}`);
}

export function within(actual, expected, relative, text) {
  actual.forEach((value, idx) => {
    const error = Math.abs(value - expected[idx]) / Math.abs(expected[idx]);
    check(error <= relative, `${text}: at ${idx + 1}, ${value} and ${expected[idx]} differ by ${error.toExponential(1)} relative`);
  });
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Reads again and again until what `read` gives fits, and gives that. What comes by a message of the worker, in an animation
// frame or after a pause is read so, never once. The error shows what was seen last; `also` may add to it.
export async function eventually(read, fits, what, timeoutMs = 10_000, also = async () => '') {
  const end = Date.now() + patient(timeoutMs);
  for (;;) {
    const now = await read();
    if (fits(now)) return now;
    if (Date.now() > end) throw new Error(`waited ${patient(timeoutMs) / 1000} s for: ${what}; last seen: ${shown(now)}${await also()}`);
    await sleep(50);
  }
}

// Waits until what `read` gives is what is expected.
export function becomes(read, expected, what, timeoutMs = 10_000) {
  const wanted = JSON.stringify(expected);
  return eventually(read, (now) => JSON.stringify(now) === wanted, `${what}, expected ${wanted?.slice(0, 300)}`, timeoutMs);
}

// Waits until what `read` gives is something else than before, and gives that.
export function changes(read, before, what, timeoutMs = 20_000) {
  const old = JSON.stringify(before);
  return eventually(read, (now) => JSON.stringify(now) !== old, `${what}, other than before`, timeoutMs);
}

// Waits until what `read` gives fits and has stayed the same for so long, and gives that.
export async function atRest(read, fits, what, { restMs = 200, timeoutMs = 20_000 } = {}) {
  let [last, since] = [undefined, Date.now()];
  await eventually(
    async () => {
      const now = await read();
      if (JSON.stringify(now) !== JSON.stringify(last)) [last, since] = [now, Date.now()];
      return now;
    },
    (now) => fits(now) && Date.now() - since >= patient(restMs),
    what,
    timeoutMs,
  );
  return last;
}

function shown(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
}
