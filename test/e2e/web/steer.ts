import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations } from './browser.ts';

/** Promotes version 2 on the page of models with a reason, and rolls it back with another. */
export async function promoteAndRollBack(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Promote titanic@2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Promote titanic@2' });
  await dialog.getByText('At present titanic@3 is champion. From the next prediction on, titanic@2 answers.').waitFor();
  const confirm = dialog.getByRole('button', { name: 'Promote titanic@2' });
  expect(await confirm.isDisabled()).toBe(true);
  expect(await findViolations(page)).toEqual([]);
  await dialog.getByLabel('Why?').fill('it knows the crew better');
  await confirm.click();
  await page.getByText('Version 2 became champion in place of 3').waitFor();
  await page.getByText('it knows the crew better').waitFor();
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  const rollBack = page.getByRole('dialog', { name: 'Roll back to titanic@3' });
  await rollBack.getByText('At present titanic@2 is champion.').waitFor();
  await rollBack.getByLabel('Why?').fill('it was wrong');
  await rollBack.getByLabel('Why?').press('Enter');
  // What became champion stood there before: version 3 took the place of 2 once already.
  await page.getByText('it was wrong').waitFor();
}

/** Sends the labels of a file in the dialog that is open, which it returns. */
export async function sendLabels(page: Page): Promise<Locator> {
  const dialog = page.getByRole('dialog', { name: 'Send labels' });
  await dialog.getByText('A CSV file with the columns').waitFor();
  const text = 'Survived;ID\nyes;2001\nno;2002\nmaybe;2003\n';
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'fates.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await dialog.getByText('3 lines, 1 of them with a problem, which are left out').waitFor();
  await dialog.getByText('survived: expected one of "no", "yes", got "maybe"').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Send 2 labels' }).click();
  await dialog.getByText('1 added, 1 corrected, 0 unchanged').waitFor();
  return dialog;
}

/** Opens the rule of bad rows by the keyboard, tries and changes its threshold, and mutes it for four hours. */
export async function handleRule(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Many rows are bad' }).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Alert rule' });
  await drawer.getByText('38 %, threshold 20 %: 1,146 of 3,000 rows').waitFor();
  await drawer.getByRole('button', { name: 'Edit' }).click();
  await drawer.getByLabel('Fires when at least (%)').fill('30');
  await drawer.getByRole('button', { name: 'Try against the last 24 hours' }).click();
  await drawer.getByText('It would have fired 1 time in the last 24 hours.').waitFor();
  await drawer.locator('svg path').first().waitFor();
  expect(await findViolations(page)).toEqual([]);
  await drawer.getByLabel('Why?').fill('fewer notices');
  await page.keyboard.press('Enter');
  await drawer.getByText('at least 30 %, for 5 min').waitFor();
  await drawer.getByRole('button', { name: 'Mute' }).click();
  await drawer.getByText('4 hours', { exact: true }).click();
  await drawer.getByLabel('Why?').fill('the supplier repairs it');
  await page.keyboard.press('Enter');
  await drawer.getByText('Muted by somebody at the web app').waitFor();
  await drawer.getByRole('button', { name: 'Close' }).click();
}

/** Sends a test message through a channel that works and through one that fails, and opens the log of an alert. */
export async function testChannels(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Send a test message to teams' }).click();
  await page.getByText('teams accepted the test message.').waitFor();
  await page.getByRole('button', { name: 'Send a test message to slack' }).click();
  await page.getByText('slack refused the test message: Expected a 2xx answer, got 404 Not Found').waitFor();
  await page.getByRole('button', { name: 'Attempts to deliver: Data problems in passengers-596.csv' }).click();
  await page.getByText('teams, attempt 1: unavailable after 210 ms: got 429 Too Many Requests').waitFor();
}

/** Pauses the schedule of ingest with a reason, and resumes it with another. */
export async function pauseAndResume(page: Page): Promise<void> {
  await page.getByText('by ada: the shop database is being moved until Thursday').waitFor();
  await page.getByRole('button', { name: 'Pause the schedule of ingest' }).click();
  expect(await page.getByRole('button', { name: 'Pause ingest' }).isDisabled()).toBe(true);
  await page.getByLabel('Why is it paused?').fill('the files are wrong');
  expect(await findViolations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByText('by somebody at the web app: the files are wrong').waitFor();
  await page.getByRole('button', { name: 'Resume the schedule of ingest' }).click();
  await page.getByLabel('Why is it resumed?').fill('they are right again');
  await page.getByRole('button', { name: 'Resume ingest' }).click();
  await page.getByRole('button', { name: 'Pause the schedule of ingest' }).waitFor();
}

/** Sends a file whose name is taken, and ingests the very file. */
export async function receiveAndIngest(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'In run run-1000' }).waitFor();
  await page
    .getByRole('region', { name: 'File for raw-data' })
    .locator('input[type=file]')
    .setInputFiles({ name: 'passengers-602.csv', mimeType: 'text/csv', buffer: Buffer.from('id,class,sex,age\n') });
  await page
    .getByText('There is a file named passengers-602.csv already, so it is named passengers-602-2.csv.')
    .waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Ingest now: passengers-602-2.csv' }).click();
  await page.waitForURL(/\/runs\//);
}
