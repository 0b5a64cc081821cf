// axe-core in the page, and what it finds there.

import fs from 'node:fs/promises';
import { createRequire } from 'node:module';

const axeSource = await fs.readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What is wrong with what the page shows now, one line for each rule.
export async function violations(lab) {
  if (!(await lab.page.evaluate(() => Boolean(window.axe)))) await lab.page.evaluate(axeSource);
  return lab.page.evaluate(async () => {
    const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    // The names of the run bar's buttons are given; the key beside each is a hint for the eye, not a part of its label.
    const isKeyHint = ({ id }, node) => id === 'label-content-name-mismatch' && document.querySelector(node.target[0])?.querySelector('kbd');
    const found = result.violations.map((it) => ({ ...it, nodes: it.nodes.filter((node) => !isKeyHint(it, node)) })).filter((it) => it.nodes.length);
    return found.map(({ id, impact, help, nodes }) => `${id} (${impact}): ${help}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
  });
}
