import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations, settle } from './browser.ts';
import type { Fixtures } from './fixtures.ts';

type Predictions = Fixtures['predictions'];

const countText = (found: Predictions): string => `${found.length} prediction${found.length === 1 ? '' : 's'}`;

/** Sets filters of each kind, loads the address again, and loosens the one that leaves nothing. */
export async function filterPast(page: Page, predictions: Predictions): Promise<void> {
  const wanted = ({ source, features: { class: name, age } }: Predictions[number]): boolean =>
    source === 'scheduled' && (name === '1st' || name === 'crew') && Number(age ?? 0) >= 40;
  const found = predictions.filter(wanted);
  await page.getByRole('combobox', { name: 'Source' }).click();
  await page.getByRole('option', { name: 'Scheduled predictions' }).click();
  await page.waitForURL(/source=scheduled/);
  await page.getByRole('button', { name: 'More filters' }).click();
  await page.getByRole('combobox', { name: 'Class', exact: true }).click();
  await page.getByRole('option', { name: '1st' }).click();
  await page.getByRole('option', { name: 'crew' }).click();
  await page.getByRole('combobox', { name: 'Class', exact: true }).press('Escape');
  const age = page.getByRole('textbox', { name: 'Age from' });
  await age.fill('forty');
  await age.press('Enter');
  await page.getByText('Expected a number').waitFor();
  await age.fill('40');
  await age.press('Enter');
  await page.waitForURL(/feature\.age\.min/);
  await page.getByText(countText(found)).first().waitFor();
  await page.reload();
  await settle(page);
  expect(await page.getByRole('combobox', { name: 'Source' }).inputValue()).toBe('Scheduled predictions');
  expect(await page.getByRole('textbox', { name: 'Age from' }).inputValue()).toBe('40');
  const set = page.getByRole('group', { name: 'Filters that are set' });
  await set.getByText('Class: 1st, crew').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.getByRole('textbox', { name: 'Request key' }).fill('none');
  await page.getByRole('textbox', { name: 'Request key' }).press('Enter');
  await page.getByRole('group', { name: 'Loosen a filter' }).getByText(countText(found)).waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Without Request' }).click();
  await page.getByText(countText(found)).first().waitFor();
  await set.getByRole('link', { name: 'Clear all' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('');
  // The rows of the filter stay until the others are there.
  await page.getByText(countText(predictions)).first().waitFor();
}

/** Opens a prediction by the keyboard, explains it, and follows it to its model; the list can be saved in both forms. */
export async function openPast(page: Page, [, second]: Predictions): Promise<void> {
  const table = page.getByRole('region', { name: 'Past predictions' });
  await table.getByRole('row').nth(2).getByRole('link').last().focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Prediction' });
  await drawer.getByText(`request-of-${second?.predictionId}`.slice(0, 8)).first().waitFor();
  await drawer.getByRole('button', { name: 'Explain' }).click();
  await drawer.getByText('Probability of').waitFor();
  expect(await drawer.getByText('+51 %').count()).toBe(1);
  expect(await findViolations(page)).toEqual([]);
  await page.reload();
  await drawer.getByRole('region', { name: 'Probabilities' }).waitFor();
  expect(await drawer.getByRole('link', { name: 'titanic@3' }).getAttribute('href')).toBe('/models?served=3');
  await drawer.getByRole('button', { name: 'Close' }).click();
  await drawer.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Download' }).click();
  const addressOf = (name: string) => page.getByRole('menuitem', { name }).getAttribute('href');
  expect(await addressOf('CSV')).toMatch(/^\/api\/past-predictions\/export\.csv\?/);
  expect(await addressOf('Parquet')).toMatch(/^\/api\/past-predictions\/export\.parquet\?/);
  await page.keyboard.press('Escape');
}

/** Follows an alert to its run, and finds the run of each model version that has one. */
export async function followRuns(page: Page): Promise<void> {
  const link = page.getByRole('link', { name: /^Open run/ }).first();
  const name = (await link.innerText()).replace('Run ', '');
  await link.click();
  await expect.poll(() => page.url()).toContain(`/runs/${name}`);
  await page.goto(new URL('/models', page.url()).href);
  await settle(page);
  const versions = page.getByRole('region', { name: 'Model versions' });
  expect(await versions.getByRole('link', { name: 'run run-987' }).getAttribute('href')).toBe('/runs/run-987');
  expect(await page.getByRole('region', { name: 'Champion' }).getByRole('link', { name: 'run run-987' }).count()).toBe(
    1,
  );
}

/** Finds the predictions for a row by its id, with what really happened to it, also by the address. */
export async function findRow(page: Page, predictions: Predictions): Promise<void> {
  await page.getByRole('textbox', { name: 'Number' }).fill('2001');
  await page.keyboard.press('Enter');
  await page.waitForURL(/rowId=/);
  const found = predictions.filter(({ rowId }) => rowId === '2001');
  await page.getByText(`${found.length} predictions`, { exact: true }).waitFor();
  await page.reload();
  await settle(page);
  expect(await page.getByRole('textbox', { name: 'Number' }).inputValue()).toBe('2001');
  expect(await page.getByRole('link', { name: '2001' }).count()).toBe(found.length);
  expect(await page.getByText(/^(correct|wrong)$/).count()).toBe(
    found.filter(({ actual }) => actual !== undefined).length,
  );
}
