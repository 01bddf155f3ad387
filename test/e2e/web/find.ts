import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations } from './browser.ts';
import type { Fixtures } from './fixtures.ts';

/** Sorts the table of model versions by its first head, with the keyboard. */
export async function sortVersions(page: Page): Promise<void> {
  const versions = page.getByRole('region', { name: 'Model versions' });
  const firstOf = async () => (await versions.getByRole('row').nth(1).innerText()).split(/[\t\n]/)[0];
  const head = versions.getByRole('columnheader', { name: 'Version', exact: true });
  const direction = () => head.getAttribute('aria-sort');
  await head.getByRole('button').focus();
  await page.keyboard.press('Enter');
  await expect.poll(direction).toBe('ascending');
  expect(await firstOf()).toBe('titanic@1');
  await page.keyboard.press('Enter');
  await expect.poll(direction).toBe('descending');
  expect(page.url()).toContain('versions.sort=-%2Fversion');
  await page.keyboard.press('Enter');
  await expect.poll(direction).toBe('none');
  expect(page.url()).not.toContain('versions.sort');
}

interface SearchedFiles {
  readonly checks: Fixtures['checks'];
  /** Rows of a page of the list. */
  readonly pageRows: number;
}

/** Searches the checked files, which are sorted by their names. */
export async function searchFiles(page: Page, { checks, pageRows }: SearchedFiles): Promise<void> {
  const files = page.getByRole('region', { name: 'Checked files' });
  const rows = () => files.getByRole('row').count();
  const firstFile = () => files.getByRole('row').nth(1).getByRole('link').first().innerText();
  const [smallest] = checks.toSorted((a, b) => a.file.localeCompare(b.file, 'en', { numeric: true }));
  await expect.poll(firstFile).toBe(smallest?.file);
  const [, second] = checks;
  await page.getByRole('searchbox', { name: 'Search: Checked files' }).fill(second?.file ?? '');
  await expect.poll(rows).toBe(2);
  await expect.poll(firstFile).toBe(second?.file);
  expect(page.url()).toContain('checks.search=');
  await page.getByRole('searchbox', { name: 'Search: Checked files' }).fill('nothing like it');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(rows).toBe(pageRows + 1);
}

/** Goes to a page and a run by the palette, and finds a file. */
export async function usePalette(page: Page, { runs: [run], checks: [check] }: Fixtures): Promise<void> {
  const field = page.getByRole('combobox', { name: 'Go to' });
  const type = async (text: string) => {
    await page.keyboard.press('Control+k');
    await field.waitFor();
    await page.keyboard.type(text);
  };
  await page.keyboard.press('Control+k');
  await page.getByRole('option').first().waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.keyboard.type('alert');
  await expect.poll(() => page.getByRole('option', { selected: true }).innerText()).toContain('Alerts');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor();
  await type(run?.id ?? '');
  await page
    .getByRole('option', { name: run?.id ?? '' })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.url()).toContain(`/runs/${run?.id}`);
  await type(check?.file ?? '');
  await page
    .getByRole('option', { name: check?.file ?? '' })
    .first()
    .waitFor();
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
}

/** The name of what has the focus after a slash was typed. */
export async function labelAfterSlash(page: Page): Promise<string> {
  await page.keyboard.press('/');
  return await page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
}

/** Reads what a task made, follows none of its links, and copies a digest that is shown short. */
export async function readOutputs(page: Page): Promise<void> {
  const outputs = page.getByRole('region', { name: 'Outputs of read-data' });
  await outputs.getByText('CSV, 100 rows (the first 1 shown), 2 columns, 2 KB').waitFor();
  await outputs.getByRole('cell', { name: '22' }).waitFor();
  await outputs.getByText('1 row in table weir.checks').waitFor();
  await outputs.getByText('bytes, 2 KB, removed or replaced since').waitFor();
  await outputs.getByRole('link', { name: 'Dataset 3' }).waitFor();
  expect(await outputs.getByRole('link', { name: 'Report' }).getAttribute('href')).toBe('/reports/arrival-600');
  const result = outputs.getByRole('region', { name: 'Content of result' });
  expect(await result.innerText()).not.toContain('line 39');
  await outputs.getByRole('button', { name: 'Show 26 more lines' }).click();
  expect(await result.innerText()).toContain('line 39');
  expect(await findViolations(page)).toEqual([]);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const digest = outputs.getByRole('button', { name: 'Copy 9f86d081' }).first();
  expect(await digest.innerText()).toBe('9f86d081884c…');
  await digest.click();
  await outputs.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^9f86d081[0-9a-f]{56}$/);
}
