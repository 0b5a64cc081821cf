// Labs on a text: the net writes while it is trained and when asked, its texts are kept, its units are seen, own texts are learned.

import { violations } from '../lib/axe.mjs';
import { atRest, becomes, changes, check, different, equal, eventually, patient } from '../lib/check.mjs';
import { attributeThat, disabled, textThat } from '../lib/read.mjs';
import { eachPane } from './access.mjs';

const RHYME = 'own-text?device=cpu&layers=lstm:48:all&lr=0.01';
// A kept text has 300 characters, of which line breaks at its end are not told.
const KEPT = 290;
const stage = (lab) => lab.page.locator('#pane-stage');
const text = (lab, name) => lab.page.getByRole('region', { name, exact: true });

// Waits until a text is there that fits.
const untilWritten = (lab, name, fits, what, timeoutMs = 30_000) =>
  eventually(async () => ((await text(lab, name).count()) ? text(lab, name).innerText() : ''), fits, what, timeoutMs);

async function generate(lab, { prompt = '', temperature = '0.8', length = '120' } = {}) {
  await stage(lab).getByLabel('Prompt', { exact: true }).fill(prompt);
  await stage(lab).getByLabel('Temperature', { exact: true }).fill(temperature);
  const box = stage(lab).getByLabel('Length', { exact: true });
  await box.fill(length);
  await box.press('Enter');
  await lab.click('Generate');
  // The old text goes with the press; from the first characters on the button stops, until the text is whole.
  await untilWritten(lab, 'Generated text', (now) => now.length > 0, 'the net begins to write');
  await lab.button('Generate').waitFor();
  const written = await text(lab, 'Generated text').innerText();
  // Line breaks at its end are not told.
  check([...written].length >= Number(length) - 10, `asked for ${length} characters, it wrote ${JSON.stringify(written)}`);
  return written;
}

export default [
  {
    name: 'text-writes',
    about: 'a net on a short text writes while it is trained, keeps a text of each epoch, and goes on from a prompt; at temperature 0 always the same way',
    async run(lab, { note }) {
      await lab.open(RHYME);
      const untrained = await untilWritten(lab, 'Text kept after an epoch', (now) => [...now].length >= KEPT, 'the untrained net has written');
      await lab.click('Play');
      await untilWritten(lab, 'Text written while training', (now) => now.length > 50, 'the net writes while it is trained');
      await lab.until((state) => state.step >= 200, '200 steps', 60_000);
      // By script: 300 steps may be over before a hand finds the button.
      await lab.call('pause');
      const slider = stage(lab).getByLabel('Epoch of the text', { exact: true });
      await attributeThat(slider, 'max', (max) => Number(max) >= 2, 'three texts that are kept');
      await untilWritten(lab, 'Text kept after an epoch', (now) => now && now !== untrained, 'another text after training than before');
      await slider.focus();
      await lab.page.keyboard.press('Home');
      await attributeThat(slider, 'aria-valuetext', (value) => value === 'Before the first step', 'the first text');
      await becomes(() => text(lab, 'Text kept after an epoch').innerText(), untrained, 'the first text again');

      const sure = await generate(lab, { prompt: 'This is the ', temperature: '0' });
      check(sure.startsWith('This is the '), `it begins with ${JSON.stringify(sure.slice(0, 30))}`);
      note(`at temperature 0: ${JSON.stringify(sure.slice(0, 90))}`);
      equal(await generate(lab, { prompt: 'This is the ', temperature: '0' }), sure, 'the same text again');
      different(await generate(lab, { prompt: 'This is the ', temperature: '2' }), sure, 'texts at temperatures 0 and 2');
      await stage(lab).getByLabel('Prompt', { exact: true }).fill('Ω');
      await disabled(lab.button('Generate'), 'Generate, with a character the net has never seen');
      await textThat(stage(lab), /never seen “Ω”/, 'which character it is');
    },
  },
  {
    name: 'text-kept-over-reload',
    about: 'the texts of the epochs are saved with the run and are there after a reload',
    async run(lab) {
      await lab.open(RHYME);
      await lab.call('step', 40);
      const { step } = await lab.state();
      const slider = stage(lab).getByLabel('Epoch of the text', { exact: true });
      await stage(lab).locator('.kept input:not([max="0"])').waitFor();
      // The newest is written to its end while the run stands still.
      const newest = async () => [await slider.getAttribute('max'), await text(lab, 'Text kept after an epoch').innerText()];
      const [place, kept] = await atRest(newest, ([, now]) => [...now].length >= KEPT, 'the newest text, whole', { restMs: 500, timeoutMs: 30_000 });
      await lab.call('step', 1);
      await lab.untilSaved(step + 1);
      await lab.reload();
      await lab.until((state) => state.step === step + 1, 'the run goes on', 60_000);
      await attributeThat(slider, 'max', (max) => Number(max) >= Number(place), 'as many texts as before the reload');
      // The step more may have begun another text.
      await slider.fill(place);
      await becomes(() => text(lab, 'Text kept after an epoch').innerText(), kept, 'the text that was kept');
    },
  },
  {
    name: 'text-units',
    about: 'a text is colored by one unit; keys move along the text and from unit to unit, and what is there is told',
    async run(lab) {
      await lab.open(RHYME);
      await lab.call('step', 60);
      const colored = lab.page.getByRole('group', { name: /^Text colored by the unit/ });
      await colored.locator('span').nth(20).waitFor();
      const styles = () => colored.evaluate((it) => [...it.children].slice(0, 60).map((span) => span.getAttribute('style')).join());
      const readout = lab.page.locator('.unit-view .readout');
      await colored.focus();
      // The text is read anew when the weights have changed: at rest it is colored by the weights of the last step.
      const before = await atRest(styles, (now) => /positive|negative/.test(now), 'a colored text', { restMs: 500 });
      const told = await readout.innerText();
      await lab.page.keyboard.press('ArrowDown');
      await textThat(readout, /unit 2 says/, 'what is told of the second unit');
      const second = await changes(styles, before, 'colors of the second unit');
      await lab.page.keyboard.press('ArrowUp');
      await becomes(styles, before, 'colors of the first unit');
      await lab.page.keyboard.press('ArrowRight');
      await lab.page.keyboard.press('ArrowRight');
      await textThat(readout, (now) => now !== told && /foreseen with [\d.]+\s?%.*Next: .*%/.test(now), 'what is told of another character');
      await colored.locator('span').nth(8).hover();
      await attributeThat(colored.locator('span.at'), 'data-at', (at) => at === '8', 'the character under the pointer');
      // Some unit says a positive number there, and some a negative one.
      let colors = before + second;
      for (let unit = 2; unit <= 48 && !(/positive/.test(colors) && /negative/.test(colors)); unit++) {
        await colored.press('ArrowDown');
        await textThat(readout, new RegExp(`unit ${unit} says`), `what is told of unit ${unit}`);
        colors += await styles();
      }
      check(/positive/.test(colors) && /negative/.test(colors), 'no unit is blue, or none is orange');
      // Bits and perplexity follow from the loss.
      await lab.call('evaluate', 'validation');
      const { validation } = await lab.state();
      const row = lab.page.getByRole('row', { name: /^Validation/ }).getByRole('cell');
      const near = (cell, expected, tolerance) => Math.abs(Number(cell) - expected) < tolerance;
      const perplexity = Math.exp(validation.loss);
      await eventually(
        () => row.allInnerTexts(),
        (cells) => near(cells[2], validation.loss / Math.LN2, 0.01) && near(cells[3], perplexity, 0.01 * perplexity + 0.01),
        `bits and perplexity at a loss of ${validation.loss}`,
      );
    },
  },
  {
    name: 'text-own',
    about: 'a pasted text and one from a file are learned, short ones travel in the link, long ones are found again after a reload, and what does not fit is refused in words',
    async run(lab) {
      await lab.open('own-text?device=cpu&layers=lstm:8:all');
      const pane = lab.page.locator('#pane-set-up');
      const box = pane.getByLabel('Text', { exact: true });
      await box.fill('too short');
      await pane.getByRole('button', { name: 'Use this text' }).click();
      await pane.getByRole('alert').filter({ hasText: /9 characters, and learning needs 1000/ }).waitFor();
      await box.fill('Row, row, row your boat,\ngently down the stream.\n'.repeat(30));
      await pane.getByRole('button', { name: 'Use this text' }).click();
      await lab.until((state) => /text=Row/.test(state.link) && /ready/i.test(state.phase), 'the short text is in the link');
      const short = await lab.state();
      await lab.open(short.link);
      equal((await lab.state()).link, short.link, 'the link opened again');
      await eventually(() => box.inputValue(), (value) => value.startsWith('Row, row'), 'the text in its box');

      const long = 'All work and no play makes Jack a dull boy.\n'.repeat(400);
      await pane.getByLabel('Load .txt').setInputFiles({ name: 'jack.txt', mimeType: 'text/plain', buffer: Buffer.from(long) });
      await lab.until((state) => /text=long-/.test(state.link) && /ready/i.test(state.phase), 'the long text has a mark');
      await textThat(pane, /longer than the 2000 bytes that a link carries/, 'the page says that the link lacks it');
      await lab.call('step', 5);
      const { nTrain, step } = await lab.state();
      await lab.untilSaved(step);
      await lab.reload();
      await lab.until((state) => state.step === step, 'the run of the long text goes on', 60_000);
      equal((await lab.state()).nTrain, nTrain, 'windows after the reload');
      await pane.getByLabel('Load .txt').setInputFiles({ name: 'huge.txt', mimeType: 'text/plain', buffer: Buffer.from('x'.repeat(900_000)) });
      await pane.getByRole('alert').filter({ hasText: /longer than 200000 characters/ }).waitFor();
    },
  },
  {
    name: 'text-trained-weights',
    about: 'trained weights are put into their experiment: validation at 1.7 nats or below without a step, and what it then writes has words; an altered file is refused',
    async run(lab, { note, server, site }) {
      const fs = await import('node:fs/promises');
      if (!(await fs.readdir(`${site}/data`)).some((it) => it.startsWith('shakespeare'))) return note('Tiny Shakespeare is not on this site');
      lab.allow?.(/Failed to load resource/);
      let ill = true;
      server.faults.push((path) =>
        ill && path.endsWith('shakespeare.safetensors')
          ? { body: (bytes) => { bytes[bytes.length >> 1] ^= 1; return bytes; } }
          : undefined,
      );
      await lab.open('shakespeare?device=cpu');
      await lab.click('Load trained weights');
      await lab.page.getByRole('alert').filter({ hasText: /altered on the way/ }).waitFor({ timeout: patient(60_000) });
      ill = false;
      await lab.reload();
      await lab.until((state) => /ready/i.test(state.phase), 'the lab stands again', 60_000);
      await lab.click('Load trained weights');
      await lab.untilSaid(/Trained weights are loaded/, 60_000);
      const { validation, step, link } = await lab.until((state) => state.validation, 'the evaluation', 120_000);
      equal(step, 0, 'steps');
      check(/lstm:192:all/.test(link), link);
      equal(await lab.page.locator('.alerts li').allInnerTexts(), [], 'what asks for attention');
      note(`${validation.loss.toFixed(4)} nats per character`);
      check(validation.loss <= 1.7, `${validation.loss} nats`);
      const written = await generate(lab, { temperature: '0', length: '200' });
      note(JSON.stringify(written.slice(0, 120)));
      check(/\bthe\b/.test(written), written);
    },
  },
  ...['light', 'dark'].flatMap((colorScheme) =>
    [1280, 390].map((width) => ({
      name: `text-layout-${width}-${colorScheme}`,
      about: `a lab on a text at ${width} px, ${colorScheme}: no sideways scroll, axe-core finds nothing`,
      context: { viewport: { width, height: 844 }, colorScheme },
      async run(lab, { out }) {
        await lab.open(RHYME);
        await lab.call('step', 30);
        await lab.call('evaluate', 'validation');
        await generate(lab, { length: '60' });
        await lab.page.getByRole('group', { name: /^Text colored by the unit/ }).locator('span').nth(20).waitFor({ state: 'attached' });
        await lab.page.screenshot({ path: `${out}/text-${width}-${colorScheme}.png`, fullPage: width > 640 });
        const found = [];
        await eachPane(lab, async (pane) => {
          const wide = await lab.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          check(wide <= 0, `${pane} scrolls sideways by ${wide} px`);
          found.push(...(await violations(lab)).map((violation) => `${pane}: ${violation}`));
        });
        check(found.length === 0, found.join('\n'));
      },
    })),
  ),
];
