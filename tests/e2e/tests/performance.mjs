// Nothing freezes and nothing grows.

import fs from 'node:fs/promises';
import { check, equal, sleep } from '../lib/check.mjs';

// Trains, and looks at what the main thread did meanwhile for ten seconds. The machine is shared, and what it does to others
// stops this page, too: of three stretches one must be without a long task. One of our own would be in each.
async function staysLight(lab, note, link) {
  await lab.open(link);
  await lab.call('step', 3);
  await lab.call('play');
  await sleep(1_000);
  let tasks = [];
  for (let stretch = 0; stretch < 3; stretch++) {
    const from = await lab.page.evaluate(() => performance.now());
    await sleep(10_000);
    tasks = (await lab.page.evaluate(() => window.__longTasks)).filter((task) => task.start >= from);
    note(`${tasks.length} long tasks in 10 s, longest ${Math.max(0, ...tasks.map((task) => task.ms))} ms`);
    if (tasks.length === 0) break;
  }
  await lab.call('pause');
  equal(tasks.length, 0, `tasks over 50 ms (${tasks.map((task) => `${Math.round(task.ms)} ms`)})`);
}

// How often a second each canvas is drawn while training, over five seconds: pairs of its class and label, and a number.
async function redraws(lab, link) {
  await lab.context.addInitScript(() => {
    window.__draws = new Map();
    for (const method of ['putImageData', 'clearRect']) {
      const original = CanvasRenderingContext2D.prototype[method];
      CanvasRenderingContext2D.prototype[method] = function (...args) {
        // What is drawn on out of sight is a means to draw on what is seen.
        if (!this.canvas.isConnected) return original.apply(this, args);
        const name = `${this.canvas.className ?? ''} ${method} ${this.canvas.getAttribute('aria-label') ?? ''}`;
        const drawn = window.__draws.get(this.canvas) ?? { name, frames: new Set() };
        drawn.frames.add(document.timeline.currentTime);
        window.__draws.set(this.canvas, drawn);
        return original.apply(this, args);
      };
    }
  });
  await lab.open(link);
  await lab.call('play');
  await sleep(1_000);
  await lab.page.evaluate(() => window.__draws.clear());
  await sleep(5_000);
  return lab.page.evaluate(() => [...window.__draws.values()].map(({ name, frames }) => [name, frames.size / 5]));
}

export default [
  {
    name: 'no-long-tasks',
    about: 'no task of the main thread takes over 50 ms while a net for pictures trains',
    run: (lab, { note }) => staysLight(lab, note, 'mnist?model=cnn&device=cpu'),
  },
  {
    name: 'no-long-tasks-on-points',
    about: 'nor while the largest net on points trains, with a picture on each of its 101 units',
    run: (lab, { note }) => staysLight(lab, note, `spiral?classes=5&layers=${Array(6).fill('dense:16:relu').join(',')}&epochs=10000`),
  },
  {
    name: 'redraws',
    about: 'at most 10 redraws a second of every canvas while a net for pictures trains',
    async run(lab, { note }) {
      const draws = await redraws(lab, 'mnist?layers=none&device=cpu');
      const most = draws.reduce((a, b) => (b[1] > a[1] ? b : a), ['nothing', 0]);
      note(`most: ${most[1]} a second (${most[0]})`);
      check(draws.length > 0, 'nothing was drawn while training');
      check(most[1] <= 11, `${most[0]} was drawn ${most[1]} times a second`);
    },
  },
  {
    name: 'redraws-on-points',
    about: 'on points the plane may be drawn in every frame, and every other canvas 10 times a second',
    async run(lab, { note }) {
      const draws = await redraws(lab, 'circle?epochs=10000');
      const isPlane = ([name]) => /^plane /.test(name);
      const [plane] = draws.filter(isPlane).sort((a, b) => b[1] - a[1]);
      check(plane, `the plane was not drawn while training: ${JSON.stringify(draws)}`);
      note(`the plane ${plane[1]} times a second`);
      const most = draws.filter((it) => !isPlane(it)).reduce((a, b) => (b[1] > a[1] ? b : a), ['nothing', 0]);
      check(most[1] <= 11, `${most[0]} was drawn ${most[1]} times a second`);
    },
  },
  {
    name: 'memory',
    about: 'memory does not grow over 10 runs',
    timeoutMs: 300_000,
    async run(lab, { note }) {
      await lab.open('mnist?batch=256&device=cpu');
      const session = await lab.context.newCDPSession(lab.page);
      const sample = async () => {
        await session.send('HeapProfiler.collectGarbage');
        await sleep(200);
        const { metrics } = await session.send('Performance.getMetrics');
        const of = (name) => metrics.find((it) => it.name === name).value;
        return { heapMb: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes'), listeners: of('JSEventListeners'), rssMb: await rendererMb(lab) };
      };
      await session.send('Performance.enable');
      const seen = [];
      for (let round = 0; round < 10; round++) {
        await lab.call('step', 120);
        await lab.call('evaluate', 'validation');
        await lab.click(round % 2 ? 'Reset' : 'New seed');
        await lab.until((state) => state.step === 0, 'step 0');
        seen.push(await sample());
      }
      const [early, late] = [seen[2], seen[9]];
      const show = (it) => `${it.heapMb.toFixed(1)} MB heap, ${it.rssMb.toFixed(0)} MB renderer, ${it.nodes} nodes`;
      note(`after run 3: ${show(early)}; after run 10: ${show(late)}`);
      check(late.heapMb < early.heapMb * 1.3 + 3, 'the JavaScript heap grows');
      check(late.nodes < early.nodes * 1.3 + 200, 'the document grows');
      check(late.listeners < early.listeners * 1.3 + 100, 'listeners pile up');
      check(late.rssMb < early.rssMb * 1.25 + 60, 'the renderer process grows');
      // One trains, and three replicas at most help it.
      check(lab.page.workers().length <= 4, `${lab.page.workers().length} workers`);
    },
  },
];

// Resident memory of the page's renderer process, worker and wasm included; 0 where the system does not tell.
async function rendererMb(lab) {
  try {
    const browser = await lab.context.browser().newBrowserCDPSession();
    const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
    await browser.detach();
    let largest = 0;
    for (const { type, id } of processInfo) {
      if (type !== 'renderer') continue;
      const pages = Number((await fs.readFile(`/proc/${id}/statm`, 'utf8')).split(' ')[1]);
      largest = Math.max(largest, (pages * 4096) / 1e6);
    }
    return largest;
  } catch {
    return 0;
  }
}
