// WebGPU: agrees with the CPU, and its loss is survived. The adapter of these tests is software: minutes, not seconds.

import { check, equal, within } from '../lib/check.mjs';

const agree = (name, link, count) => ({
  name: `webgpu-${name}`,
  about: `the first ${count} losses of the ${name} on WebGPU follow the CPU's within 1e-3 relative`,
  timeoutMs: 900_000,
  async run(lab, { newLab, note }) {
    const cpu = await newLab();
    await cpu.open(`${link}device=cpu`);
    const expected = await cpu.losses(count);
    await cpu.context.close();
    await lab.open(`${link}device=webgpu`, { ready: false });
    const state = await lab.until((it) => /ready/i.test(it.phase), 'a WebGPU session', 180_000);
    equal(String(state.device).toLowerCase(), 'webgpu', `the device; said ${JSON.stringify(await lab.said())}`);
    const begin = Date.now();
    const losses = await lab.losses(count);
    const worst = Math.max(...losses.map((loss, idx) => Math.abs(loss - expected[idx]) / expected[idx]));
    note(`${state.adapter}; largest difference ${worst.toExponential(1)}; ${((Date.now() - begin) / count).toFixed(0)} ms a step`);
    within(losses, expected, 1e-3, 'losses');
  },
});

export default [
  agree('mlp', 'mnist?', 20),
  agree('cnn', 'mnist?model=cnn&', 20),
  {
    name: 'webgpu-destroyed',
    about: 'a device destroyed mid-run: the run goes on on the CPU from the checkpoint, and the page says so',
    timeoutMs: 600_000,
    async run(lab, { note }) {
      await lab.open('mnist?layers=dense:16:relu&device=webgpu', { ready: false });
      const opened = await lab.until((it) => /ready/i.test(it.phase), 'a WebGPU session', 180_000);
      equal(String(opened.device).toLowerCase(), 'webgpu', 'the device');
      await lab.call('step', 5);
      await lab.click('Play');
      await lab.until((state) => state.step > 8, 'training on WebGPU', 120_000);
      const found = await Promise.all(lab.page.workers().map((worker) => worker.evaluate(() => Boolean(self.descentGpu)).catch(() => false)));
      const idx = found.lastIndexOf(true);
      check(idx >= 0, 'no worker holds self.descentGpu');
      await lab.page.workers()[idx].evaluate(() => self.descentGpu.destroy());
      const state = await lab.until((it) => String(it.device).toLowerCase() === 'cpu' && it.step > 5 && /training/i.test(it.phase), 'training on the CPU', 60_000);
      note(`goes on at step ${state.step}`);
      const text = await lab.untilSaid(/gpu/i);
      check(/cpu|processor/i.test(text), `the page says ${text}`);
    },
  },
  {
    name: 'webgpu-absent',
    about: 'where WebGPU cannot be used the CPU is taken and the page says why',
    async run(lab) {
      await lab.context.addInitScript(() => Object.defineProperty(navigator, 'gpu', { get: () => undefined }));
      // Workers have a navigator of their own: take the adapter away there as well.
      await lab.page.route(/worker.*\.js$|gpu.*\.js$/, async (route) => {
        const response = await route.fetch();
        const hide = "try { Object.defineProperty(Object.getPrototypeOf(self.navigator), 'gpu', { get: () => undefined }); } catch {}\n";
        await route.fulfill({ response, body: hide + (await response.text()) });
      });
      await lab.open('mnist?device=webgpu', { ready: false });
      const state = await lab.until((it) => /ready/i.test(it.phase), 'a CPU session', 60_000);
      equal(String(state.device).toLowerCase(), 'cpu', 'the device');
      await lab.untilSaid(/webgpu/i);
      await lab.call('step', 2);
    },
  },
  {
    name: 'auto-device',
    about: 'auto takes a device, trains on it and names it',
    timeoutMs: 300_000,
    async run(lab, { note }) {
      await lab.open('mnist', { ready: false });
      await lab.until((it) => /ready/i.test(it.phase), 'a session', 120_000);
      await lab.call('step', 3);
      const { device, adapter } = await lab.until((it) => /^(cpu|webgpu)$/i.test(it.device) && it.adapter, 'a device and its name');
      note(`${device}: ${adapter}`);
    },
  },
];
