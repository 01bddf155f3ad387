import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations } from './browser.ts';

/** Predicts a row with an explanation and without storing it, and looks at the code that does the same. */
export async function explainRow(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Explain' }).check();
  await page.getByRole('checkbox', { name: 'Do not store' }).check();
  await page.getByRole('button', { name: 'Fill in an example' }).click();
  await page.getByRole('button', { name: 'Predict', exact: true }).click();
  await page.getByText('from 38.2 % on average').waitFor();
  await page.getByText('not stored').waitFor();
  expect(await page.getByRole('region', { name: 'Predicted here' }).count()).toBe(0);
  expect(await findViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Code for this row' }).click();
  const dialog = page.getByRole('dialog', { name: 'From a program' });
  await dialog.getByText('/api/v1/predict?store=false&explain=true').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
}

/** Predicts the valid rows of a file with a mistake, and returns the file that can be saved. */
export async function predictFile(page: Page): Promise<string> {
  await page.getByRole('tab', { name: 'CSV file' }).click();
  const text = 'Cabin,id,Sex,Class,AGE\nA1,7,male,1st,40\nB2,8,female,9th,31\nC3,9,female,crew,\n';
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'guests.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByText('Row 2, line 3: class: expected one of "1st", "2nd", "3rd", "crew", got "9th"').waitFor();
  await page.getByText('Not used, kept in the result: Cabin.').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Predict 2 valid rows' }).click();
  await page.getByRole('heading', { name: '2 predictions for guests.csv' }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  return await readFile(await download.path(), 'utf8');
}

/** Sends an age that only the server can refuse, and ages that are none. */
export async function mistypeAge(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Fill in an example' }).click();
  await page.getByLabel('Age (years)').fill('99');
  await page.getByRole('button', { name: 'Predict', exact: true }).click();
  await page.getByText('Expected an age the model has seen, got 99').waitFor();
  expect(await findViolations(page)).toEqual([]);
  for (const typed of ['-12', 'abc', ' 29']) {
    await page.getByLabel('Age (years)').fill(typed);
    await page.getByRole('button', { name: 'Predict', exact: true }).click();
    await page.getByText(`Expected a number from 0 to 100 or null, got "${typed}"`).waitFor();
    expect(await page.getByLabel('Age (years)').inputValue()).toBe(typed);
  }
  await page.getByLabel('Age (years)').fill('30.3');
  await page.getByRole('button', { name: 'Predict', exact: true }).click();
  await page.getByText('Expected age is a multiple of 0.5, got 30.3').waitFor();
}

/** Sends a row whose answer is lost, the same row again, and another one; returns the headers of what was lost. */
export async function loseAnAnswer(page: Page): Promise<Readonly<Record<string, string>>> {
  await page.getByRole('button', { name: 'Fill in an example' }).click();
  const button = page.getByRole('button', { name: 'Predict', exact: true });
  await page.route('**/api/predict', (route) => route.abort(), { times: 1 });
  const lost = page.waitForRequest('**/api/predict');
  await button.click();
  await page.getByText('The prediction failed').waitFor();
  for (let answers = 1; answers <= 2; answers++) {
    await button.click();
    await page.getByRole('region', { name: 'Predicted here' }).getByRole('row').nth(answers).waitFor();
  }
  return (await lost).headers();
}
