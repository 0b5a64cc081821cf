// Assertions that say what they saw.

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
