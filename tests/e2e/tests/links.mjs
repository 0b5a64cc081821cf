// Links: golden ones load, hostile ones are refused field by field.

import { check, equal, eventually } from '../lib/check.mjs';
import { countOf, frames, textThat } from '../lib/read.mjs';

// Once valid, for ever valid: never edit a line, only add. Parameters are counted by hand.
const GOLDEN = [
  ['mnist', 101_770],
  ['mnist?model=cnn', 46_730],
  ['mnist?model=cnn&opt=rmsprop:0.9:1e-7&lr=0.0003&batch=32&l2=0.0001&epochs=3&val=0.1&seed=99&device=cpu', 46_730],
  // 5·5·8+8 + 2·8 + 12·12·8·64+64 + 64·10+10.
  ['mnist?layers=conv:8:5:valid:relu,bn,pool:2,drop:0.25,dense:64:linear,act:gelu&init=he_normal', 208 + 16 + 73_792 + 650],
  ['mnist?layers=none&opt=sgd&lr=0.5', 7_850],
  ['mnist?layers=none&init=normal&hide=seed,code&lock=lr,opt', 7_850],
];

export default [
  {
    name: 'golden-links',
    about: 'links of every release load without refusal',
    async run(lab, { newLab }) {
      for (const [link, parameters] of GOLDEN) {
        const visit = await newLab();
        const state = await visit.open(link);
        equal(state.parameters, parameters, `parameters of ${link}`);
        await visit.call('step', 1);
        equal((await visit.settled()).step, 1, `${link} trains`);
        const refused = (await visit.said()).filter((text) => /refus|not used|ignored/i.test(text));
        equal(refused, [], `${link} was refused something`);
        await visit.context.close();
      }
      await lab.open('mnist');
    },
  },
  {
    name: 'another-set-another-view',
    about: 'an address edited from points to pictures while training shows pictures, and nothing of the run before',
    async run(lab, { newLab }) {
      const visit = await newLab();
      await visit.open('circle?epochs=10000');
      await visit.call('play');
      await visit.until((it) => it.step > 500, 'points to train');
      await visit.page.evaluate(() => { location.hash = '#/mnist'; });
      await visit.until((it) => it.lab === 'mnist' && /ready/i.test(it.phase), 'the lab on digits');
      await visit.page.getByRole('heading', { name: 'Draw a digit' }).waitFor();
      await countOf(visit.page.getByRole('heading', { name: 'What the network says' }), 0, 'views of the plane');
      const state = await visit.state();
      equal([state.step, state.validation, state.test], [0, null, null], 'what the run before left');
      await textThat(visit.page.locator('.evaluations tbody tr').first(), (row) => !/\d/.test(row.replace(/^Validation/, '')), 'no evaluation of the run before');
      await visit.context.close();
    },
  },
  {
    name: 'hostile-links',
    about: 'a hostile link is refused field by field, and everything else keeps its default',
    async run(lab, { newLab }) {
      const link =
        'mnist?lr=-1&batch=64000000000&seed=5&layers=conv:99999:5:valid:relu&colour=red&epochs=0&l2=NaN&opt=adam:2:2:2&device=cpu';
      const state = await lab.open(link);
      equal([state.seed, state.parameters], [5, 101_770], 'the good field counts, the bad model does not');
      for (const key of ['lr', 'batch', 'layers', 'colour', 'epochs', 'l2', 'opt']) {
        await lab.untilSaid(new RegExp(`\\b${key}\\b|${key === 'lr' ? 'learning rate' : key}`, 'i'));
      }
      await lab.call('step', 2);
      equal((await lab.state()).step, 2, 'the page works');
      for (const evil of [
        'mnist?layers=<img src=x onerror=window.__evil=1>',
        'mnist?seed=<script>window.__evil=1</script>',
        '<img src=x onerror=window.__evil=1>',
        `mnist?seed=1&${'a'.repeat(20_000)}`,
        'mnist?layers=' + Array(200).fill('dense:1024:relu').join(','),
        'mnist?%00%ff=%zz&=&&&seed=%EF%BF%BD',
        '/../../etc/passwd?seed=7',
      ]) {
        const visit = await newLab();
        const opened = await visit.open(evil);
        equal(opened.parameters, 101_770, `the default model for ${evil.slice(0, 60)}`);
        // What was said about it stands on the page, and would have run by now.
        await eventually(() => visit.said(), (said) => said.length > 0, `something said about ${evil.slice(0, 60)}`);
        await frames(visit);
        check(!(await visit.page.evaluate(() => window.__evil)), `${evil.slice(0, 60)} ran as code`);
        await visit.context.close();
      }
    },
  },
  {
    name: 'open-by-script',
    about: 'descent.open(link) changes the lab, and the address follows with what differs from the defaults only',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      await lab.call('open', 'mnist?layers=none&seed=7&device=cpu');
      const state = await lab.until((it) => it.seed === 7 && it.parameters === 7_850 && /ready/i.test(it.phase), 'the opened link');
      equal(state.step, 0, 'a new run');
      const isShort = (hash) => /layers=none/.test(hash) && /seed=7/.test(hash) && !/lr=|batch=|epochs=/.test(hash);
      await eventually(() => lab.page.evaluate(() => location.hash), isShort, 'the address of the opened link');
    },
  },
  {
    name: 'changed-address',
    about: 'editing the address opens the new link',
    async run(lab) {
      await lab.open('mnist?device=cpu');
      await lab.page.evaluate(() => (location.hash = 'mnist?seed=42&device=cpu'));
      await lab.until((state) => state.seed === 42, 'the seed of the new address');
    },
  },
];
