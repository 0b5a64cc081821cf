// End-to-end tests of a built site in Chromium.
//
//   node tests/e2e/run.mjs --site dist [--only name,...] [--skip name,...] [--slow N] [--list]
//
// Every test has its own static server (under a sub-path) and its own browser context, and fails also when the page wrote an
// error to the console or asked for anything outside its origin. CHROMIUM names another browser binary.
// `--slow N` makes every page N times as slow, and waits N times as long.

import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, openContext, openPage } from './lib/browser.mjs';
import { pace, patient } from './lib/check.mjs';
import { Lab } from './lib/lab.mjs';
import { serve } from './lib/server.mjs';
import access from './tests/access.mjs';
import code from './tests/code.mjs';
import controls from './tests/controls.mjs';
import course from './tests/course.mjs';
import data from './tests/data.mjs';
import devices from './tests/devices.mjs';
import follow from './tests/follow.mjs';
import gallery from './tests/gallery.mjs';
import labs from './tests/labs.mjs';
import lesson from './tests/lesson.mjs';
import links from './tests/links.mjs';
import opened from './tests/opened.mjs';
import pairs from './tests/pairs.mjs';
import perceptron from './tests/perceptron.mjs';
import performance from './tests/performance.mjs';
import playground from './tests/playground.mjs';
import progress from './tests/progress.mjs';
import race from './tests/race.mjs';
import replicas from './tests/replicas.mjs';
import reviews from './tests/reviews.mjs';
import words from './tests/words.mjs';
import schedule from './tests/schedule.mjs';
import series from './tests/series.mjs';
import survives from './tests/survives.mjs';
import tables from './tests/tables.mjs';
import text from './tests/text.mjs';
import training from './tests/training.mjs';
import update from './tests/update.mjs';
import week from './tests/week.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const OUT = path.join(HERE, '..', 'out');
const TESTS = [...training, ...links, ...lesson, ...controls, ...code, ...data, ...survives, ...replicas, ...access, ...opened, ...course, ...gallery, ...week, ...progress, ...labs, ...playground, ...perceptron, ...tables, ...follow, ...update, ...schedule, ...series, ...text, ...reviews, ...pairs, ...words, ...race, ...performance, ...devices];

const options = parse(process.argv.slice(2));
pace.slow = options.slow;
if (options.list) {
  for (const test of TESTS) console.log(`${test.name.padEnd(28)} ${test.about}`);
  process.exit(0);
}
const tests = TESTS.filter((test) => (!options.only || options.only.includes(test.name)) && !options.skip.includes(test.name));
await fs.access(path.join(options.site, 'index.html')).catch(() => usage(`there is no site in ${options.site}: build it first`));
await fs.mkdir(OUT, { recursive: true });

let browser = await launch();
let failed = 0;
const started = Date.now();
for (const test of tests) {
  const begin = Date.now();
  const notes = [];
  const error = await run(test, notes);
  const seconds = ((Date.now() - begin) / 1000).toFixed(1).padStart(6);
  console.log(`${error ? 'FAIL' : 'ok  '} ${seconds} s  ${test.name}${notes.length ? `  (${notes.join('; ')})` : ''}`);
  if (error) {
    failed += 1;
    console.log(`       ${test.about}\n       ${String(error.message ?? error).split('\n').join('\n       ')}`);
  }
}
await browser.close();
console.log(`${tests.length - failed} passed, ${failed} failed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
process.exit(failed ? 1 : 0);

// Runs one test; returns what went wrong, or nothing.
async function run(test, notes) {
  if (!browser.isConnected()) browser = await launch();
  const server = await serve(options.site);
  const contexts = [];
  const problems = [];
  const newLab = async (contextOptions) => {
    const opened = await openContext(browser, server, contextOptions);
    contexts.push(opened);
    const page = await openPage(opened.context);
    return Object.assign(new Lab(page, server), { allow: opened.allow, context: opened.context });
  };
  let timer;
  try {
    const lab = await newLab(test.context);
    const timeoutMs = patient(test.timeoutMs ?? 120_000);
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${timeoutMs / 1000} s`)), timeoutMs);
    });
    await Promise.race([late, test.run(lab, { server, newLab, site: options.site, out: OUT, note: (text) => notes.push(text) })]);
    problems.push(...contexts.flatMap((it) => it.problems));
    if (problems.length) throw new Error(`the page misbehaved:\n${[...new Set(problems)].slice(0, 8).join('\n')}`);
    return null;
  } catch (error) {
    const pages = contexts.flatMap((it) => it.context.pages());
    const shots = await Promise.all(pages.map((page, idx) => screenshot(page, `failed-${test.name}${idx ? `-${idx}` : ''}.png`)));
    const seen = [...new Set(contexts.flatMap((it) => it.problems))].slice(0, 4).map((text) => `\nalso: ${text}`);
    return new Error(`${error.message}${seen.join('')}${shots.filter(Boolean).map((file) => `\npicture: ${file}`).join('')}`);
  } finally {
    clearTimeout(timer);
    await Promise.all(contexts.map((it) => it.context.close().catch(() => {})));
    await server.close();
  }
}

async function screenshot(page, name) {
  const file = path.join(OUT, name);
  return page.screenshot({ path: file, timeout: 5_000 }).then(() => path.relative(process.cwd(), file), () => null);
}

function parse(args) {
  const options = { site: path.join(HERE, '..', '..', 'dist'), skip: [], slow: 1 };
  for (let i = 0; i < args.length; i++) {
    const value = () => args[++i] ?? usage(`${args[i - 1]} needs a value`);
    if (args[i] === '--site') options.site = value();
    else if (args[i] === '--only') options.only = value().split(',');
    else if (args[i] === '--skip') options.skip = value().split(',');
    else if (args[i] === '--slow') options.slow = Number(value());
    else if (args[i] === '--list') options.list = true;
    else usage(args[i] === '--help' ? '' : `unknown argument ${args[i]}`);
  }
  if (!(options.slow >= 1)) usage('--slow needs a number from 1');
  const names = TESTS.map((test) => test.name);
  const unknown = [...(options.only ?? []), ...options.skip].find((name) => !names.includes(name));
  if (unknown) usage(`there is no test ${unknown}; --list shows them`);
  return options;
}

function usage(text) {
  if (text) console.error(text);
  console.error('usage: node run.mjs --site FOLDER [--only name,...] [--skip name,...] [--slow N] [--list]');
  process.exit(text ? 2 : 0);
}
