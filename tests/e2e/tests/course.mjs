// The course: home and weeks open, lead to each other and to labs, and look as they should.

import path from 'node:path';
import { violations } from '../lib/axe.mjs';
import { becomes, check, equal, eventually } from '../lib/check.mjs';
import { heading, textHere, visit } from '../lib/course.mjs';
import { frames } from '../lib/read.mjs';

// Like the test of the same name for labs: nothing may reach beyond the right edge unless a box of its own holds it.
async function noSidewaysScroll(lab, what) {
  const seen = await lab.page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')]
      .filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((it) => `${it.tagName.toLowerCase()}.${it.getAttribute('class')} to ${Math.round(it.getBoundingClientRect().right)}`);
    return { width, scrollWidth: document.documentElement.scrollWidth, wide };
  });
  check(seen.scrollWidth <= seen.width && seen.wide.length === 0, `${what} scrolls sideways: ${JSON.stringify(seen)}`);
}

const looks = ['light', 'dark'].flatMap((colorScheme) =>
  [[390, 844], [768, 1024], [1280, 800]].map(([width, height]) => ({
    name: `course-${width}-${colorScheme}`,
    about: `home and weeks at ${width} px, ${colorScheme}: no sideways scroll, axe-core finds nothing; pictures go to tests/out`,
    context: { viewport: { width, height }, colorScheme },
    async run(lab, { out }) {
      const found = [];
      for (const place of ['/', '/week/1', '/week/2', '/week/3', '/week/8', '/week/9', '/week/10', '/week/99']) {
        await visit(lab, place);
        // On the home page a net learns, so that it is never at rest; its figures are drawn by now.
        await frames(lab);
        await noSidewaysScroll(lab, `${place} at ${width} px`);
        const file = `course-${width}-${colorScheme}${place.replace(/\W+/g, '-')}.png`;
        await lab.page.screenshot({ path: path.join(out, file), fullPage: true });
        found.push(...(await violations(lab)).map((violation) => `${place}: ${violation}`));
      }
      check(found.length === 0, found.join('\n'));
    },
  })),
);

export default [
  {
    name: 'home-opens',
    about: 'an empty address opens the course: twelve weeks, none started, those that are not open say coming; a small net learns at once, and waits where motion is not wanted',
    async run(lab) {
      await lab.page.goto(lab.server.base);
      await heading(lab, 'A deep-learning course you play').waitFor();
      const weeks = lab.page.locator('.weeks > li');
      const isNew = (text, idx) => ([1, 2, 3, 8, 9].includes(idx + 1) ? /0 of \d exercises solved/ : /\bcoming\b/).test(text);
      await eventually(() => weeks.allInnerTexts(), (texts) => texts.length === 12 && texts.every(isNew), 'twelve weeks, none started');
      await lab.until((state) => state.lab === 'moons' && state.validation?.accuracy > 0.9, 'the net on the home page learns');
      await lab.page.emulateMedia({ reducedMotion: 'reduce' });
      await visit(lab, '/week/1');
      await lab.page.reload();
      await visit(lab);
      await lab.until((state) => /ready/i.test(state.phase) && state.step === 0, 'the net waits');
      await eventually(() => lab.page.title(), (title) => /Descent/.test(title), 'the title');
    },
  },
  {
    name: 'week-opens',
    about: 'a week opens from home and leads to its neighbours; every formula is MathML and is drawn; Back returns',
    async run(lab) {
      await visit(lab);
      await lab.page.locator('.weeks').getByRole('link', { name: 'Neurons', exact: true }).click();
      await heading(lab, 'Neurons').waitFor();
      await lab.page.waitForFunction(() => document.activeElement?.id === 'page-title');
      await eventually(() => lab.page.title(), (title) => /Week 1: Neurons/.test(title), 'the week in the title');
      await textHere(lab);
      const formulas = () =>
        lab.page.locator('.formula').evaluateAll((all) =>
          all.map((it) => ({ math: it.querySelector('math')?.getBoundingClientRect().height ?? 0, words: it.querySelector('figcaption')?.innerText.trim().length ?? 0 })),
        );
      await eventually(formulas, (all) => all.length >= 5 && all.every((it) => it.math > 10 && it.words > 10), 'formulas with a height and words');
      await lab.page.getByRole('link', { name: /^Next/ }).click();
      await heading(lab, 'Forward pass').waitFor();
      await lab.page.getByRole('link', { name: /^Previous/ }).click();
      await heading(lab, 'Neurons').waitFor();
      await lab.page.goBack();
      await heading(lab, 'Forward pass').waitFor();
      await visit(lab, '/week/13');
      await heading(lab, 'There is no such week').waitFor();
    },
  },
  {
    name: 'skip-link',
    about: 'the first Tab offers to skip to the content, and the address stays',
    async run(lab) {
      await visit(lab, '/week/1');
      await lab.page.keyboard.press('Tab');
      await becomes(() => lab.page.evaluate(() => document.activeElement?.textContent), 'Skip to the content', 'the first stop');
      await lab.page.keyboard.press('Enter');
      await becomes(() => lab.page.evaluate(() => document.activeElement?.id), 'main', 'the focus after it');
      check(/#\/week\/1$/.test(lab.page.url()), `the address became ${lab.page.url()}`);
    },
  },
  {
    name: 'lab-without-a-week',
    about: 'a lab opened by its link alone shows no exercises, and the way back leads to the course',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      equal(await lab.page.locator('.exercise-panel').count(), 0, 'exercise panels');
      await lab.page.getByRole('link', { name: 'Course', exact: true }).click();
      await heading(lab, 'A deep-learning course you play').waitFor();
      // Keys of the lab do nothing here.
      await lab.page.keyboard.press('s');
      equal((await lab.settled()).step, 0, 'a step was taken on the home page');
    },
  },
  {
    name: 'lab-pauses-unseen',
    about: 'a run pauses when its page is left, and is still there on the way back',
    async run(lab) {
      await lab.open('mnist?layers=dense:16:relu&epochs=1000&device=cpu');
      await lab.call('play');
      await lab.until((state) => state.step > 3, 'it trains');
      await lab.page.getByRole('link', { name: 'Course', exact: true }).click();
      const { step } = await lab.until((state) => /paused/i.test(state.phase), 'it pauses');
      await lab.page.goBack();
      await lab.page.locator('.run-bar').waitFor();
      equal((await lab.settled()).step, step, 'steps on the way back');
      await lab.call('step', 1);
      equal((await lab.state()).step, step + 1, 'it goes on');
    },
  },
  {
    name: 'course-keyboard',
    about: 'every control of home and week is reached by Tab, shows its focus and has a name',
    async run(lab) {
      for (const place of ['/', '/week/1']) {
        await visit(lab, place);
        // The heading takes the focus in the frame after the page stands.
        await frames(lab);
        await lab.page.evaluate(() => document.activeElement?.blur());
        const controls = await lab.page.evaluate(() => {
          const all = [...document.querySelectorAll('a[href], button, input, summary')].filter((it) => it.checkVisibility({ visibilityProperty: true }));
          all.forEach((it, idx) => (it.dataset.probe = idx));
          return all.map((it, idx) => ({ idx, group: it.type === 'radio' ? it.name : null, name: (it.getAttribute('aria-label') || it.labels?.[0]?.innerText || it.innerText || '').trim() }));
        });
        equal(controls.filter((it) => !it.name).map((it) => it.idx), [], `controls without a name on ${place}`);
        const reached = new Set();
        const hidden = [];
        for (let n = 0; n < controls.length + 20; n++) {
          await lab.page.keyboard.press('Tab');
          const seen = await lab.page.evaluate(() => {
            const it = document.activeElement;
            if (!it || it === document.body) return null;
            // The field of a file is hidden within the label that looks like a button.
            const shown = [it, it.closest('label')].filter(Boolean).some((one) => {
              const style = getComputedStyle(one);
              return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
            });
            return { idx: Number(it.dataset.probe ?? -1), shown, what: it.outerHTML.slice(0, 100) };
          });
          if (!seen) continue;
          if (!seen.shown) hidden.push(seen.what);
          reached.add(seen.idx);
        }
        const missed = controls.filter((it) => !reached.has(it.idx) && !(it.group && controls.some((other) => other.group === it.group && reached.has(other.idx))));
        equal(missed.map((it) => it.name), [], `controls that Tab does not reach on ${place}`);
        equal([...new Set(hidden)], [], `controls whose focus cannot be seen on ${place}`);
      }
    },
  },
  ...looks,
];
