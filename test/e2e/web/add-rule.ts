import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations } from './browser.ts';

/** Adds a rule of a kind that takes a name, tries it before, and sees it open. */
export async function addRule(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New rule' }).click();
  const drawer = page.getByRole('dialog', { name: 'New alert rule' });
  await drawer.getByRole('combobox', { name: 'What should it watch?' }).click();
  await page.getByRole('option', { name: 'Runs of a pipeline fail' }).click();
  const add = drawer.getByRole('button', { name: 'Add this rule' });
  const attempt = drawer.getByRole('button', { name: 'Try against the last 24 hours' });
  expect(await attempt.isDisabled()).toBe(true);
  await drawer.getByRole('combobox', { name: 'Pipeline' }).fill('ingest');
  await page.keyboard.press('Escape');
  await drawer.getByRole('textbox', { name: 'Title' }).fill('Train failed');
  await drawer.getByText('There is a rule train-failed already').waitFor();
  await drawer.getByRole('textbox', { name: 'Title' }).fill('No ingestion');
  await drawer.getByLabel('Fires when at least').fill('3');
  await attempt.click();
  await drawer.getByText('It would have fired 1 time in the last 24 hours.').waitFor();
  await drawer.locator('svg path').first().waitFor();
  expect(await findViolations(page)).toEqual([]);
  expect(await add.isDisabled()).toBe(true);
  await drawer.getByLabel('Why?').fill('nobody noticed last week');
  await add.click();
  const added = page.getByRole('dialog', { name: 'Alert rule', exact: true });
  await added.getByRole('heading', { name: 'No ingestion' }).waitFor();
  expect(page.url()).toContain('rule=no-ingestion');
  await added.getByRole('button', { name: 'Close' }).click();
  await added.waitFor({ state: 'detached' });
}
