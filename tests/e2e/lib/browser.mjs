// Launching Chromium, and what a page must not do in any test.

import { chromium } from 'playwright-core';
import { pace, patient } from './check.mjs';

export const FLAGS = [
  '--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-unsafe-swiftshader',
  '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync', '--disable-quic',
  // Nothing but the test's own server can be reached, whatever a page tries.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS });

// Runs in the page before anything else: remembers every text a live region has held, and long tasks of the main thread.
function watchPage() {
  window.__said = [];
  window.__longTasks = [];
  const note = () => {
    for (const region of document.querySelectorAll('[role=status], [role=alert], output')) {
      const text = region.innerText?.trim();
      if (text && !window.__said.includes(text)) window.__said.push(text);
    }
  };
  const start = () => {
    new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true });
    note();
  };
  if (document.documentElement) start();
  else document.addEventListener('DOMContentLoaded', start);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.__longTasks.push({ start: entry.startTime, ms: entry.duration });
  }).observe({ type: 'longtask', buffered: true });
}

// A fresh context with a page whose errors and foreign requests are collected in `problems`.
export async function openContext(browser, server, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(patient(30_000));
  const problems = [];
  const allowed = [];
  await context.addInitScript(watchPage);
  context.on('request', (request) => {
    const url = request.url();
    if (!/^(data|blob|about):/.test(url) && !url.startsWith(server.origin + '/')) problems.push(`request off the origin: ${url}`);
  });
  const complain = (text) => {
    if (!allowed.some((pattern) => pattern.test(text))) problems.push(text);
  };
  context.on('console', (message) => {
    if (message.type() === 'error') complain(`console error: ${message.text()} (${message.location().url ?? ''})`);
  });
  context.on('weberror', (error) => complain(`uncaught: ${error.error()?.message ?? error}`));
  return { context, problems, allow: (pattern) => allowed.push(pattern) };
}

// A page of a context, made as slow as the pace of this run says.
export async function openPage(context) {
  const page = await context.newPage();
  if (pace.slow > 1) {
    const session = await context.newCDPSession(page);
    const slowDown = () => session.send('Emulation.setCPUThrottlingRate', { rate: pace.slow }).catch(() => {});
    await slowDown();
    // Another address may be shown by another process, which runs at full speed again.
    page.on('framenavigated', (frame) => frame === page.mainFrame() && slowDown());
  }
  return page;
}
