import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { PredictionJob } from '#api';
import { findViolations } from './browser.ts';
import { withResults } from './made-up-jobs.ts';

/** Sends a file, sees how far the jobs are, downloads a result when there is one, and cancels another. */
export async function sendJobs(page: Page, jobs: PredictionJob[]): Promise<void> {
  await page.getByRole('tab', { name: 'Any length' }).click();
  const table = page.getByRole('region', { name: 'Prediction jobs' });
  await table.getByText('430,000 of 1,200,000 predicted, 12 refused').waitFor();
  await table.getByRole('progressbar', { name: 'Progress of manifest-1912.csv' }).waitFor();
  await table.getByText('the file cannot be read as text').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.getByRole('checkbox', { name: 'Do not store' }).last().check();
  await page
    .getByRole('region', { name: 'File to predict' })
    .locator('input[type=file]')
    .setInputFiles({
      name: 'late.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('id,class,sex,age\n1,crew,male,30\n'),
    });
  const row = table.getByRole('row').filter({ hasText: 'late.csv' });
  await row.getByText('titanic@3, not stored').waitFor();
  await table.getByRole('button', { name: 'Cancel the predictions of manifest-1912.csv' }).click();
  await table.getByText('Cancelled').waitFor();
  const index = jobs.findIndex(({ file }) => file === 'late.csv');
  const sent = jobs[index];
  if (sent === undefined) throw new Error('Expected the mock server to have the job that was sent.');
  jobs[index] = withResults({ ...sent, rows: { in: 1, predicted: 1, refused: 0 } });
  const link = table.getByRole('link', { name: 'Download the predictions of late.csv as Parquet' });
  expect(await link.getAttribute('href')).toBe(`/api/prediction-jobs/${sent.id}/result?format=parquet`);
}
