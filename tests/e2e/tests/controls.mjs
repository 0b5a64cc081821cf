// Every control of the set-up does something, and what cannot be built is explained at its field.

import { atRest, check, different, equal, eventually } from '../lib/check.mjs';
import { frames } from '../lib/read.mjs';

const LINK = 'mnist?layers=conv:2:5:valid:relu,pool:4,dense:8:relu,drop:0.2,bn&batch=32&device=cpu';
const STEPS = 20;

// Controls that are there to look, to copy or to decide how long or where, not what is learned.
const NO_EFFECT_ON_LEARNING = /epochs|find a rate|device|several cores|copy|link|sample|class|browse|show|hide|help|theme|more examples|next|previous|test|validation examples|train examples/i;

// A set of points with a choice of classes, a layer of each kind that a net for points can have, and every penalty at work.
const PLANE = 'spiral?noise=0.1&classes=3&layers=dense:6:relu,drop:0.2,dense:5:linear,bn,act:tanh&l1=0.0001&l2=0.0001';
const NO_EFFECT_ON_POINTS = /^(epochs|find a rate|device|use several cores|teacher link)/i;
// What must be among the controls that were tried, whatever else is added.
const OF_POINTS = [
  'Data set', 'Points', 'Noise', 'Classes', 'x', 'y', 'Validation share', 'Units', 'Activation', 'Rate', 'Add a layer', 'Move up', 'Move down',
  'Remove', 'Initializer', 'Optimizer', 'Learning rate', 'Batch size', 'L1', 'L2', 'Seed', 'Epsilon',
];

// All visible controls of the set-up pane, marked with `data-probe`, with every fold opened.
function findControls() {
  const pane = document.querySelector('#pane-set-up');
  pane.querySelectorAll('details').forEach((it) => (it.open = true));
  const nameOf = (it) => (it.getAttribute('aria-label') ?? it.labels?.[0]?.innerText ?? it.innerText).replace(/\s+/g, ' ').trim();
  const found = [...pane.querySelectorAll('select, input, button')]
    // Samples are there to be looked at, and come when they come.
    .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && !it.closest('.data-strip'));
  found.forEach((it, idx) => (it.dataset.probe = idx));
  return found
    .map((it, idx) => ({ idx, name: nameOf(it), kind: it.tagName === 'INPUT' ? it.type : it.tagName.toLowerCase(), value: it.value, checked: it.checked }))
    .filter((it) => !(it.kind === 'radio' && it.checked));
}

// Another value than `value` that fits the field of this name.
function otherNumber(name, value) {
  if (/decay|β|α/i.test(name)) return 0.5;
  if (/epsilon/i.test(name)) return 1e-3;
  if (/l1|l2/i.test(name)) return 0.01;
  if (/kernel/i.test(name)) return value + 2;
  return Number.isInteger(value) ? value + 1 : value * 1.5;
}

async function mutate(lab, control) {
  const element = lab.page.locator(`[data-probe="${control.idx}"]`);
  if (control.kind === 'button') return element.click();
  if (control.kind === 'select') {
    const values = await element.locator('option:not([disabled])').evaluateAll((options) => options.map((it) => it.value));
    return element.selectOption(values[(values.indexOf(control.value) + 1) % values.length]);
  }
  // Radio buttons may be hidden behind the label that is clicked.
  if (control.kind === 'checkbox' || control.kind === 'radio') return element.check({ force: true });
  if (control.kind === 'range') {
    await element.focus();
    return lab.page.keyboard.press('ArrowRight');
  }
  await element.fill(String(otherNumber(control.name, Number(control.value))));
  return element.press('Enter');
}

async function outcome(lab) {
  const losses = await lab.losses(STEPS);
  return { losses, hash: await lab.weightsHash() };
}

// Changes each control of this lab alone, by the page's own hand, and compares what 20 steps with the same seed come to.
function everyControl({ name, about, link, noEffect, least, needed = [] }) {
  return {
    name,
    about,
    timeoutMs: 600_000,
    async run(lab, { newLab, note }) {
      await lab.open(link);
      const base = await outcome(lab);
      await lab.call('reset');
      const controls = await lab.page.evaluate(findControls);
      const acting = controls.filter((it) => !noEffect.test(it.name));
      equal(needed.filter((name) => !acting.some((it) => it.name === name)), [], 'controls that were not found');
      note(`${acting.length} controls, not tried: ${controls.filter((it) => !acting.includes(it)).map((it) => it.name.slice(0, 20)).join(', ')}`);
      check(acting.length >= least, `only ${acting.length} controls were found: ${JSON.stringify(controls)}`);
      const idle = [];
      for (const control of acting) {
        const visit = await newLab();
        try {
          await visit.open(link);
          await visit.page.evaluate(findControls);
          const { link: before } = await visit.state();
          await mutate(visit, control);
          // Moving a layer to where it cannot be is refused in words: that is an effect, too.
          const problems = visit.page.locator('#pane-set-up .problem').filter({ visible: true });
          await eventually(async () => [(await visit.state()).link !== before, await problems.count()], ([changed, count]) => changed || count > 0, 'an effect');
          await frames(visit);
          if (await problems.count()) continue;
          await visit.call('reset');
          const seen = await outcome(visit);
          if (JSON.stringify(seen) === JSON.stringify(base)) idle.push(`${control.kind} ${control.name}`);
        } catch (error) {
          idle.push(`${control.kind} ${control.name}: ${error.message.split('\n')[0].slice(0, 160)}`);
        } finally {
          await visit.context.close();
        }
      }
      equal(idle, [], 'controls without effect');
    },
  };
}

export default [
  everyControl({
    name: 'controls-act',
    about: 'every control of the set-up changes the outcome of 20 steps',
    link: LINK,
    noEffect: NO_EFFECT_ON_LEARNING,
    least: 12,
  }),
  everyControl({
    name: 'controls-act-on-points',
    about: 'so does every control of the set-up of points: data, features, layers, penalties, optimizer and all its numbers',
    link: PLANE,
    noEffect: NO_EFFECT_ON_POINTS,
    least: 35,
    needed: OF_POINTS,
  }),
  {
    name: 'live-learning-rate',
    about: 'the learning rate acts at once on a running session, without a restart',
    async run(lab) {
      await lab.open('mnist?opt=sgd&lr=0.1&device=cpu');
      const expected = await lab.losses(10);
      await lab.call('reset');
      await lab.losses(5);
      const field = lab.page.getByLabel(/learning rate/i).and(lab.page.locator('input')).filter({ visible: true }).first();
      await field.fill('0.001');
      await field.press('Enter');
      equal((await lab.settled()).step, 5, 'the run goes on');
      const after = await lab.losses(5);
      equal(after[0], expected[5], 'the loss of step 6 is from before the change');
      different(after.slice(1), expected.slice(6), 'losses after the change');
    },
  },
  {
    name: 'structural-edit',
    about: 'a structural edit never destroys a run: the page offers a restart, and the run goes on until then',
    async run(lab) {
      await lab.open('mnist?layers=dense:16:relu&device=cpu');
      await lab.call('step', 10);
      await lab.page.evaluate(findControls);
      const units = lab.page.getByLabel(/units|width/i).and(lab.page.locator('input')).filter({ visible: true }).first();
      await units.fill('24');
      await units.press('Enter');
      const restart = lab.page.getByRole('button', { name: /restart/i }).filter({ visible: true }).first();
      await restart.waitFor();
      equal((await lab.settled()).step, 10, 'the run is still there');
      await restart.click();
      const state = await lab.until((it) => it.parameters === 784 * 24 + 24 + 24 * 10 + 10, 'the new model');
      check(state.step < 10, 'a fresh run');
    },
  },
  {
    name: 'impossible-shape',
    about: 'an impossible shape is explained at the field before anything runs, and nothing breaks',
    async run(lab) {
      await lab.open('mnist?model=cnn&device=cpu');
      await lab.page.evaluate(findControls);
      const kernel = lab.page.getByLabel('Kernel', { exact: true });
      for (const field of [kernel.first(), kernel.last()]) {
        await field.fill('11');
        await field.press('Enter');
      }
      await lab.page.getByText(/does not fit/i).filter({ visible: true }).first().waitFor();
      const refused = await lab.call('reset').then(() => null, (error) => error.message);
      if (!refused) await lab.untilSaid(/cannot be built/i);
      await kernel.first().fill('5');
      await kernel.first().press('Enter');
      await kernel.last().fill('5');
      await kernel.last().press('Enter');
      await lab.call('step', 1);
      equal((await lab.state()).step, 1, 'mended, it runs');
    },
  },
  {
    name: 'data-browser',
    about: 'samples can be browsed by class',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      await lab.page.getByRole('button', { name: 'Browse data' }).click();
      const dialog = lab.page.getByRole('dialog');
      await dialog.waitFor();
      const pictures = () => dialog.locator('canvas').evaluateAll((all) => all.map((it) => it.toDataURL()).join());
      // Pictures come when they come, and are at rest when a while has changed nothing.
      const all = await atRest(pictures, (now) => now.length > 1_000, 'the pictures of all classes', { restMs: 500 });
      await dialog.getByRole('button', { name: '7', exact: true }).click();
      await atRest(pictures, (now) => now.length > 1_000 && now !== all, 'the pictures of sevens', { restMs: 500 });
      await lab.page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    },
  },
];
