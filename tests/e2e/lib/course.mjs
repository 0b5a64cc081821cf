// The course as a test sees it: its pages, their headings and questions, and the progress kept in the browser.

export const PROGRESS = 'descent.progress';

// Opens a page of the course (`/`, `/week/1`) afresh and waits until its heading stands.
export async function visit(lab, place = '/') {
  // Another fragment alone would leave the old page standing for a moment.
  await lab.page.goto('about:blank');
  await lab.page.goto(`${lab.server.base}#${place}`);
  await lab.page.locator('main h1').waitFor();
  await textHere(lab);
}

// Waits until the text of the week is here; a page without one waits for nothing.
export const textHere = (lab) => lab.page.locator('.week-text.awaited').waitFor({ state: 'detached' });

export const heading = (lab, name) => lab.page.getByRole('heading', { level: 1, name, exact: true });
export const question = (lab, nth) => lab.page.locator('fieldset.question').nth(nth);
export const stored = (lab) => lab.page.evaluate((key) => localStorage.getItem(key), PROGRESS);
