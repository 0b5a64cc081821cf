// Keyboard, screen sizes, contrast, names.

import path from 'node:path';
import { violations } from '../lib/axe.mjs';
import { atRest, check, equal } from '../lib/check.mjs';
import { attributeThat, frames } from '../lib/read.mjs';

const CPU = 'mnist?device=cpu';

// The panes of a narrow page, by their tabs; a wide page shows all at once.
export async function eachPane(lab, visit) {
  const tabs = lab.page.getByRole('tab').filter({ visible: true });
  const count = await tabs.count();
  if (count === 0) {
    await still(lab, 'the page');
    return visit('all');
  }
  for (let idx = 0; idx < count; idx++) {
    const tab = tabs.nth(idx);
    const name = (await tab.innerText()).trim();
    await tab.click();
    await attributeThat(tab, 'aria-selected', (value) => value === 'true', `the pane ${name}`);
    // Its canvases get their size and are drawn when they are seen.
    await still(lab, `the pane ${name}`);
    await visit(name);
  }
}

// Waits until the page stays as it is: nothing comes or goes or moves any more, and no canvas is drawn anew.
export const still = (lab, what) =>
  atRest(
    () =>
      lab.page.evaluate(() => {
        const shape = (it) => [it.tagName, it.getAttribute('class'), ...Object.values(it.getBoundingClientRect().toJSON()).map(Math.round)].join();
        const canvases = [...document.querySelectorAll('canvas')].filter((it) => it.checkVisibility()).map((it) => it.toDataURL());
        const fading = document.getAnimations().filter((it) => it instanceof CSSTransition && it.playState === 'running').length;
        const text = [...document.querySelectorAll('body *')].filter((it) => it.checkVisibility()).map(shape).join() + document.body.innerText + canvases;
        let sum = 7;
        for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 1_000_000_007;
        return { fading, sum };
      }),
    ({ fading }) => fading === 0,
    `${what}, at rest`,
  );

export async function noSidewaysScroll(lab, what) {
  const seen = await lab.page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')]
      .filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > width + 1)
      .filter((it) => {
        // What scrolls inside a box of its own, or is cut off by one, does not move the page.
        for (let box = it.parentElement; box && box !== document.body; box = box.parentElement) {
          if (getComputedStyle(box).overflowX !== 'visible' && box.getBoundingClientRect().right <= width + 1) return false;
        }
        return true;
      })
      .slice(0, 5)
      .map((it) => `${it.tagName.toLowerCase()}.${it.className} to ${Math.round(it.getBoundingClientRect().right)}`);
    return { width, scrollWidth: document.documentElement.scrollWidth, wide };
  });
  check(seen.scrollWidth <= seen.width && seen.wide.length === 0, `${what} scrolls sideways: ${JSON.stringify(seen)}`);
}

const LAYOUTS = [];
for (const colorScheme of ['light', 'dark']) {
  for (const [width, height] of [[390, 844], [768, 1024], [1280, 800]]) LAYOUTS.push({ colorScheme, width, height });
}

const layouts = LAYOUTS.map(({ colorScheme, width, height }) => ({
  name: `layout-${width}-${colorScheme}`,
  about: `no sideways scroll in any pane at ${width} px, ${colorScheme}; pictures go to tests/out`,
  context: { viewport: { width, height }, colorScheme },
  async run(lab, { out }) {
    await lab.open(CPU);
    await noSidewaysScroll(lab, 'before training');
    await lab.call('step', 60);
    await lab.call('evaluate', 'validation');
    await still(lab, 'the page after an evaluation');
    await eachPane(lab, async (pane) => {
      await noSidewaysScroll(lab, `${width} px, ${pane}`);
      const file = path.join(out, `layout-${width}-${colorScheme}-${pane.toLowerCase().replace(/\W+/g, '-')}.png`);
      // On a phone the run bar floats over the page and would hide a part of a picture of all of it.
      await lab.page.screenshot({ path: file, fullPage: width > 640 });
    });
  },
}));

const axe = ['light', 'dark'].flatMap((colorScheme) =>
  [1280, 390].map((width) => ({
    name: `axe-${width}-${colorScheme}`,
    about: `axe-core finds nothing wrong at ${width} px, ${colorScheme}`,
    context: { viewport: { width, height: 844 }, colorScheme },
    async run(lab) {
      await lab.open(CPU);
      await lab.call('step', 30);
      await lab.call('evaluate', 'test');
      await still(lab, 'the page after an evaluation');
      const found = [];
      await eachPane(lab, async (pane) => {
        found.push(...(await violations(lab)).map((violation) => `${pane}: ${violation}`));
      });
      check(found.length === 0, found.join('\n'));
    },
  })),
);

export default [
  {
    name: 'keyboard-shortcuts',
    about: 'Space plays and pauses, S steps, E runs an epoch, R resets, Shift+R takes a new seed, ? helps; not while typing',
    async run(lab) {
      const { seed } = await lab.open('mnist?batch=1024&epochs=1000&device=cpu');
      const press = (key) => lab.page.keyboard.press(key);
      await lab.page.evaluate(() => document.activeElement?.blur());
      await press('s');
      await lab.until((state) => state.step === 1, 'S steps');
      await press('Space');
      await lab.until((state) => state.step > 3, 'Space plays');
      await press('Space');
      const paused = await lab.until((state) => /paused/i.test(state.phase), 'Space pauses');
      equal((await lab.settled()).step, paused.step, 'steps after Space');
      await press('r');
      await lab.until((state) => state.step === 0 && state.seed === seed, 'R resets');
      await press('e');
      await lab.until((state) => state.epoch === 1, 'E runs an epoch', 60_000);
      await press('Shift+R');
      await lab.until((state) => state.step === 0 && state.seed !== seed, 'Shift+R takes another seed');
      await press('?');
      await lab.page.getByRole('dialog').waitFor();
      await press('Escape');
      await lab.page.getByRole('dialog').waitFor({ state: 'hidden' });
      const field = lab.page.locator('input[type=number], input[type=text], input:not([type])').filter({ visible: true }).first();
      await field.focus();
      await press('s');
      equal((await lab.settled()).step, 0, 'a letter typed into a field is no shortcut');
    },
  },
  {
    name: 'keyboard-only',
    about: 'every visible control is reached by Tab, shows its focus, and has a name; the lab can be run without a mouse',
    async run(lab, { note }) {
      await lab.open(CPU);
      // What is made anew while pictures arrive would lose its mark.
      await still(lab, 'the lab');
      const controls = await lab.page.evaluate(() => {
        const selector = 'a[href], button, input, select, textarea, summary, canvas[tabindex], [tabindex]:not([tabindex="-1"])';
        const all = [...document.querySelectorAll(selector)].filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled);
        all.forEach((it, idx) => (it.dataset.probe = idx));
        return all.map((it) => {
          const radio = it.type === 'radio' ? `radio:${it.name}` : null;
          const roving = it.getAttribute('tabindex') === '-1';
          return { idx: Number(it.dataset.probe), what: `${it.tagName.toLowerCase()} ${it.getAttribute('aria-label') || it.innerText || it.id || it.type}`.slice(0, 60), group: radio, roving };
        });
      });
      const reached = new Set();
      const hidden = [];
      await lab.page.evaluate(() => document.activeElement?.blur());
      for (let n = 0; n < controls.length + 20; n++) {
        await lab.page.keyboard.press('Tab');
        const seen = await lab.page.evaluate(() => {
          const it = document.activeElement;
          if (!it || it === document.body) return null;
          const style = getComputedStyle(it);
          const shown = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
          return { idx: it.dataset.probe === undefined ? -1 : Number(it.dataset.probe), shown, what: it.outerHTML.slice(0, 100) };
        });
        if (!seen) continue;
        if (!seen.shown) hidden.push(seen.what);
        reached.add(seen.idx);
      }
      // Of a group of radio buttons or tabs one is reached by Tab and the others by arrow keys.
      const missed = controls.filter((it) => !reached.has(it.idx) && !it.roving && !(it.group && controls.some((other) => other.group === it.group && reached.has(other.idx))));
      note(`${controls.length} controls`);
      equal(missed.map((it) => it.what), [], 'controls that Tab does not reach');
      equal([...new Set(hidden)], [], 'controls whose focus cannot be seen');

      // The run bar by keyboard alone.
      await lab.button('Play').filter({ visible: true }).first().focus();
      await lab.page.keyboard.press('Enter');
      await lab.until((state) => state.step > 5, 'Enter on Play');
      await lab.button('Pause').filter({ visible: true }).first().focus();
      await lab.page.keyboard.press('Enter');
      await lab.until((state) => /paused/i.test(state.phase), 'Enter on Pause');
    },
  },
  {
    name: 'space-on-a-button',
    about: 'Space on a focused button presses that button once and does not also play',
    async run(lab) {
      await lab.open(CPU);
      await lab.button('Step').filter({ visible: true }).first().focus();
      await lab.page.keyboard.press('Space');
      await lab.until((state) => state.step >= 1, 'one step');
      equal((await lab.settled()).step, 1, 'steps after one Space on Step');
    },
  },
  ...layouts,
  ...axe,
  {
    name: 'reduced-motion',
    about: 'a system that wants less motion gets no running animation',
    context: { reducedMotion: 'reduce' },
    async run(lab) {
      await lab.open(CPU);
      await lab.call('play');
      await lab.until((state) => state.step > 10, 'training');
      await frames(lab);
      const running = await lab.page.evaluate(() =>
        document.getAnimations().filter((it) => it.playState === 'running' && it.effect.getComputedTiming().duration > 10).map((it) => it.animationName ?? it.transitionProperty ?? 'animation'),
      );
      equal(running, [], 'running animations');
    },
  },
  {
    name: 'live-regions',
    about: 'the page has a status and speaks words in it',
    async run(lab) {
      await lab.open(CPU);
      await lab.page.locator('[role=status]').first().waitFor({ state: 'attached' });
      await lab.click('Play');
      await lab.until((state) => state.step > 3, 'training');
      await lab.click('Pause');
      await lab.untilSaid(/paused/i);
    },
  },
];
