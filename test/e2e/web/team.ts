import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { findViolations, settle } from './browser.ts';

/** Logs in at the address of a list after a wrong password, and sees the list. */
export async function logIn(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  expect(await findViolations(page)).toEqual([]);
  expect(await page.getByRole('link', { name: 'Log in with Keycloak' }).getAttribute('href')).toBe(
    `/api/session/oidc?to=${encodeURIComponent('/runs?state=failed')}`,
  );
  await page.getByLabel('Name').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('Name or password is wrong.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill('a few words are good');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=failed');
}

/** Retries the failed runs of the page but one, after a look at them. */
export async function retryFailed(page: Page, count: number): Promise<void> {
  await page.getByRole('button', { name: `Retry ${count} runs` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox').first().click();
  expect(await findViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: `Retry ${count - 1} runs` }).click();
  await dialog.getByText(`${count - 1} runs started.`).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}

/** Invites a user and creates a key, each of which shows its secret once. */
export async function giveAccess(page: Page, url: string): Promise<void> {
  await page.getByRole('button', { name: 'Invite a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('emil');
  await dialog.getByLabel('Why?').fill('joined the team');
  expect(await findViolations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByText(`${url}/setup#token=token-once&name=emil`).waitFor();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('button', { name: 'Create a key' }).click();
  await dialog.getByLabel('Program').fill('exporter');
  await dialog.getByLabel('Why?').fill('nightly export');
  await page.keyboard.press('Enter');
  await page.getByText('weir_k9a7f3_secret').waitFor();
  expect(await findViolations(page)).toEqual([]);
}

/** Goes to the next page of a list, to its address after a reload, and back. */
export async function turnPages(page: Page, name: string): Promise<void> {
  const nav = page.getByRole('navigation', { name: `Pages: ${name}` });
  const firstOf = () => page.locator('tbody tr').first().innerText();
  const first = await firstOf();
  await nav.getByRole('button', { name: 'Next' }).click();
  await nav.locator('[aria-current=page]', { hasText: '2' }).waitFor();
  await expect.poll(firstOf).not.toBe(first);
  await page.reload();
  await settle(page);
  await nav.locator('[aria-current=page]', { hasText: '2' }).waitFor();
  await nav.getByRole('button', { name: 'Previous' }).click();
  await expect.poll(firstOf).toBe(first);
}
