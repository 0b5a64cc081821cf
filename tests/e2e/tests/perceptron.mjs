// One neuron as a perceptron: the rule of 1958, its line and numbers, points by hand, and points from a CSV file.

import { atRest, becomes, changes, check, equal, eventually } from '../lib/check.mjs';
import { attributeThat, frames, textThat } from '../lib/read.mjs';

const RULE = 'layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&batch=1&val=0.05&device=cpu';
const AND = `own?${RULE}&own=0XcXc0XcnE0nEXc1nEnE`;
const XOR = `own?${RULE}&own=0XcXc1XcnE1nEXc0nEnE`;
const field = (lab) => lab.page.locator('.field canvas');
const told = (lab, what) => lab.page.locator(`.line-words .${what}`).innerText();

// The line once its picture has come.
const lineAt = async (lab, step) => (await lab.until((state) => state.line?.step === step, `the line of step ${step}`)).line;

// The points of the link: [class, x, y].
async function points(lab) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const { link } = await lab.state();
  const text = new URLSearchParams(link.split('?')[1]).get('own') ?? '';
  const value = (two) => (64 * digits.indexOf(two[0]) + digits.indexOf(two[1]) - 1500) / 1000;
  return (text.match(/.{5}/g) ?? []).map((it) => [Number(it[0]), value(it.slice(1, 3)), value(it.slice(3, 5))]);
}

// Where a point of the plane lies on the page.
async function placeOf(lab, x, y) {
  // In the middle of the screen, clear of the run bar of a phone.
  await field(lab).evaluate((it) => it.scrollIntoView({ block: 'center' }));
  const box = await atRest(() => field(lab).boundingBox(), Boolean, 'the plane in its place');
  return [box.x + ((x + 1.2) / 2.4) * box.width, box.y + (1 - (y + 1.2) / 2.4) * box.height];
}

const near = (a, b) => Math.abs(a - b) < 0.03;
const choose = (lab, text, name = 'points.csv') =>
  lab.page.locator('.csv-file input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

export default [
  {
    name: 'perceptron-rule',
    about: 'AND: each step is the rule, told with the line, until no point is wrong; after that nothing changes',
    async run(lab) {
      await lab.open(AND);
      let line = await lineAt(lab, 0);
      equal([line.weights, line.bias, line.mistakes, line.margin], [[0, 0], 0, 4, null], 'the line before the first step');
      for (let step = 1; step <= 100; step++) {
        await lab.call('step', 1);
        const next = await lineAt(lab, step);
        const [dx, dy, db] = [next.weights[0] - line.weights[0], next.weights[1] - line.weights[1], next.bias - line.bias];
        const corrected = next.corrections - line.corrections;
        check([0, 1].includes(corrected) && Math.abs(db) === corrected, `step ${step}: ${corrected} corrections move b by ${db}`);
        // w moves by t x, and AND has t = +1 at (1, 1) only.
        const isExample = corrected === 0 ? dx === 0 && dy === 0 : db > 0 ? dx === 1 && dy === 1 : [0, -1].includes(dx) && [0, -1].includes(dy);
        check(isExample, `step ${step} moves w by (${dx}, ${dy}) and b by ${db}`);
        line = next;
      }
      check(line.mistakes === 0 && line.margin > 0 && line.corrections > 0, `after 100 steps ${JSON.stringify(line)}`);
      await becomes(() => told(lab, 'mistakes-told'), '0 of 4 training points', 'mistakes on the page');
      await becomes(() => told(lab, 'corrections-told'), `${line.corrections} in 100 steps`, 'corrections on the page');
      await eventually(() => told(lab, 'verdict'), (text) => /At rest/.test(text), 'the page says that the rule rests');
      const before = await lab.weightsHash();
      await lab.call('step', 50);
      equal(await lab.weightsHash(), before, 'weights after 50 more steps');
    },
  },
  {
    name: 'perceptron-xor',
    about: 'XOR: never at rest, and the page names the four points that no line tells apart; with one of them moved the rule finds a line',
    async run(lab) {
      await lab.open(XOR);
      await lab.call('step', 200);
      const line = await lineAt(lab, 200);
      check(line.mistakes > 0 && line.corrections > 100, `XOR after 200 steps: ${JSON.stringify(line)}`);
      const isVerdict = (text) => /No line can do it/.test(text) && /never comes to rest/.test(text);
      const verdict = await eventually(() => told(lab, 'verdict'), isVerdict, 'the verdict');
      for (const point of ['(0, 0)', '(1.00, 1.00)', '(0, 1.00)', '(1.00, 0)']) check(verdict.includes(point), `${point} is not named: ${verdict}`);
      // (1, 1), of class 0, goes to the far side of (0, 0).
      await lab.page.mouse.move(...(await placeOf(lab, 1, 1)));
      await lab.page.mouse.down();
      await lab.page.mouse.move(...(await placeOf(lab, 0, -0.5)), { steps: 8 });
      await lab.page.mouse.move(...(await placeOf(lab, -1, -1)), { steps: 8 });
      await lab.page.mouse.up();
      await eventually(() => points(lab), (all) => all.some(([c, x, y]) => c === 0 && near(x, -1) && near(y, -1)), 'the point moved');
      await lab.click('Reset');
      await lab.until((state) => state.step === 0 && state.line?.step === 0, 'a fresh start');
      await eventually(() => told(lab, 'verdict'), (text) => /Some line has every/.test(text), 'the verdict after the move');
      await lab.call('play');
      await lab.until((state) => state.line?.mistakes === 0, 'no mistakes');
      await lab.call('pause');
    },
  },
  {
    name: 'perceptron-set-up',
    about: 'the loss is chosen in the set-up, one button makes it the rule of 1958, the link carries it, and it is refused for three classes',
    async run(lab) {
      const loss = lab.page.getByRole('combobox', { name: 'Loss', exact: true });
      const classes = lab.page.getByRole('spinbutton', { name: 'Classes', exact: true });
      await lab.open('gaussians?classes=2&device=cpu');
      await lab.page.locator('.field canvas').waitFor();
      check(!(await lab.settled()).line, 'a net with a hidden layer draws no line');
      await loss.selectOption({ label: 'Perceptron' });
      await lab.click('Set all that');
      await lab.until((state) => /layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&batch=1/.test(state.link) && state.line, 'the rule runs');
      // What a teacher has locked stays, and the rest is set.
      await lab.open('gaussians?classes=2&loss=perceptron&device=cpu&lock=lr,opt');
      const { link: locked } = await lab.state();
      await lab.click('Set all that');
      const { link: set } = await lab.until((state) => state.link !== locked, 'the rest is set');
      check(/layers=none/.test(set) && /batch=1/.test(set) && !/opt=sgd|[?&]lr=1(&|$)/.test(set), `with a locked rate and rule the link is ${set}`);
      await lab.open('gaussians?classes=2&layers=none&init=zeros&loss=perceptron&opt=sgd&lr=1&batch=1&device=cpu');
      await classes.fill('3');
      await classes.press('Tab');
      await lab.page.getByText('needs points of exactly two classes').first().waitFor();
      await loss.selectOption({ label: 'Cross-entropy' });
      await lab.until((state) => /classes=3|gaussians\?(?!.*classes)/.test(state.link) && !/loss=/.test(state.link), 'three classes with cross-entropy');
    },
  },
  {
    name: 'perceptron-follow',
    about: 'the followed example tells the perceptron loss that is trained on, and its slope',
    async run(lab) {
      await lab.open(AND);
      await lab.call('step', 4);
      await lab.page.locator('.follow > summary').click();
      await lab.page.locator('.follow .loss-value').waitFor();
      const isLoss = (text) => /Perceptron \(trained on\)/.test(text) && /max\(0, −t z\)/.test(text);
      await textThat(lab.page.locator('.follow table.losses tbody tr').first(), isLoss, 'the loss that is trained on');
      await lab.click('Backwards');
      const backward = lab.page.locator('.backward .sum').first();
      const said = await eventually(() => backward.innerText(), (text) => /dL\/dz = (−t|0)/.test(text), 'the slope');
      const { weights, bias } = await lineAt(lab, 4);
      const sums = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([x, y]) => weights[0] * x + weights[1] * y + bias);
      await attributeThat(lab.page.locator('.follow .z'), 'title', (z) => sums.includes(Number(z)), `one of the four sums ${sums} as z; ${said}`);
    },
  },
  {
    name: 'points-by-keyboard',
    about: 'own points are set, taken, moved, let go and erased by keyboard alone',
    async run(lab) {
      await lab.open(AND);
      await field(lab).focus();
      const press = async (...keys) => {
        for (const key of keys) await lab.page.keyboard.press(key);
      };
      // From the middle ten steps to the left, where nothing lies.
      await press(...Array(10).fill('ArrowLeft'), 'Enter');
      await eventually(() => points(lab), (all) => all.length === 5 && near(all[4][1], -0.5) && near(all[4][2], 0), 'a point set at (−0.5, 0)');
      await lab.untilSaid(/Point set at/);
      await press('Enter', 'ArrowUp', 'ArrowUp', 'Shift+ArrowUp', 'Enter');
      await eventually(() => points(lab), (all) => all.length === 5 && near(all[4][1], -0.5) && near(all[4][2], 0.11), 'the point moved to (−0.5, 0.11)');
      // Let go: the cross goes on alone.
      await press('ArrowUp', 'ArrowUp', 'ArrowUp');
      await frames(lab);
      const rest = await points(lab);
      check(near(rest[4][2], 0.11), `a point that was let go went along: ${JSON.stringify(rest)}`);
      await press('Delete');
      await frames(lab);
      equal((await points(lab)).length, 5, 'points after Delete where none is');
      await press('PageDown');
      await lab.untilSaid(/Point 1 of 5, class 0, x 0, y 0/);
      await press('Delete');
      await eventually(() => points(lab), (all) => all.length === 4 && !all.some(([, x, y]) => x === 0 && y === 0), '(0, 0) erased');
    },
  },
  {
    name: 'points-by-touch',
    about: 'a tap sets a point on a phone, and taps with Erase take it away; nothing scrolls sideways',
    context: { viewport: { width: 390, height: 844 }, hasTouch: true },
    async run(lab) {
      await lab.open(AND);
      await lab.page.touchscreen.tap(...(await placeOf(lab, -0.6, -0.6)));
      await eventually(() => points(lab), (all) => all.length === 5 && near(all[4][1], -0.6) && near(all[4][2], -0.6), 'a point set by touch');
      await lab.click('Erase');
      await lab.page.touchscreen.tap(...(await placeOf(lab, -0.6, -0.6)));
      await eventually(() => points(lab), (all) => all.length === 4, 'a point erased by touch');
      const { width, scrollWidth } = await lab.page.evaluate(() => ({ width: innerWidth, scrollWidth: document.documentElement.scrollWidth }));
      check(scrollWidth <= width, `${scrollWidth} wide on a screen of ${width}`);
    },
  },
  {
    name: 'points-drawn',
    about: 'a press that goes on draws several points, and dragging the eraser takes them away',
    async run(lab) {
      await lab.open(AND);
      const stroke = async () => {
        await lab.page.mouse.move(...(await placeOf(lab, -1, -0.8)));
        await lab.page.mouse.down();
        await lab.page.mouse.move(...(await placeOf(lab, 0.5, -0.8)), { steps: 60 });
        await lab.page.mouse.up();
      };
      await stroke();
      const isStroke = (drawn) => drawn.length >= 10 && drawn.length <= 16 && drawn.every(([, , y]) => near(y, -0.8));
      await eventually(async () => (await points(lab)).slice(4), isStroke, 'the points of the stroke');
      await lab.click('Erase');
      await stroke();
      await becomes(async () => (await points(lab)).length, 4, 'points after erasing along the stroke');
    },
  },
  {
    name: 'points-from-csv',
    about: 'a CSV file replaces the points; what cannot be read is refused with line and column, and the points stay; the download reads back the same',
    async run(lab) {
      await lab.open(AND);
      await choose(lab, 'x;y;class\n0,5;-0,25;1\n-1;1;0\n0;0;0\n');
      await eventually(() => points(lab), (all) => JSON.stringify(all) === '[[1,0.5,-0.25],[0,-1,1],[0,0,0]]', 'the points of the file');
      const loaded = (await lab.state()).link;
      const problem = lab.page.locator('.field p.problem[role=alert]');
      for (const [text, says] of [
        ['x,y,class\n0.5,up,1\n1,1,0\n', 'Line 2, column 2 (y): “up” is not a number.'],
        ['0,0,1\n0,0,9\n', 'Line 2, column 3 (class): 9 is no class.'],
        ['x,y\n0,0\n', 'Line 1: no column is called class.'],
        [`${'0,0,1\n'.repeat(501)}`, 'Line 501: 500 points are the most'],
        ['9'.repeat(300_000), '262144 are the most'],
      ]) {
        await choose(lab, text);
        const said = await eventually(() => problem.innerText(), (it) => it.includes(says), `a complaint that says ${says}`);
        check(said.startsWith('The file was not loaded, and the points are as they were.'), said);
        equal((await lab.state()).link, loaded, 'the link after a file that was refused');
      }
      await choose(lab, 'height,target,y,x\n1,0,10,100\n2,2,20,300\n3,1,30,200\n');
      await eventually(() => points(lab), (all) => JSON.stringify(all) === '[[0,-1,-1],[2,1,0],[1,0,1]]', 'points scaled into the plane');
      await lab.page.getByText('x was scaled from 100 … 300').waitFor();
      await becomes(() => problem.innerText(), '', 'the old complaint');
      const written = 'x,y,class\n-1,-1,0\n1,0,2\n0,1,1\n';
      const download = () => lab.page.locator('a[download="descent-points.csv"]').evaluate((it) => decodeURIComponent(it.href.split(',').slice(1).join(',')));
      await becomes(download, written, 'the downloaded file');
      const before = (await lab.state()).link;
      await choose(lab, 'x,y,class\n1,1,0\n0,0,1\n');
      await changes(async () => (await lab.state()).link, before, 'the link of other points');
      await choose(lab, written);
      await eventually(async () => (await lab.state()).link, (link) => link === before, 'the downloaded points, loaded again');
    },
  },
];
