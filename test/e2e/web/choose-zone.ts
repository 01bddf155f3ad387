import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations, settle } from './browser.ts';

/** Chooses a zone by a search, sees it beside the times, also after a reload, and goes back to the own one. */
export async function chooseZone(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Times are in .*: choose another zone$/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Time zone' });
  await dialog.getByText('This browser keeps the choice.').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await dialog.getByRole('combobox', { name: 'Show times in' }).fill('kolk');
  const found = page.getByRole('option', { name: /Asia\/(Kolkata|Calcutta) \(UTC\+5:30\)/ });
  await found.first().waitFor();
  await found.first().click();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('time', { hasText: 'UTC+5:30' }).first().waitFor();
  await page.reload();
  await settle(page);
  await page.locator('time', { hasText: 'UTC+5:30' }).first().waitFor();
  await page.getByText(/days and times are those of Asia/).waitFor();
  await page.getByRole('button', { name: /^Times are in Asia/ }).click();
  await dialog.getByRole('button', { name: /^My own: / }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.locator('time', { hasText: 'UTC+5:30' }).count()).toBe(0);
}
