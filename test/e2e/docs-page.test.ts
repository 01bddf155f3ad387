import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../server/world.ts';
import { canTestPages, launchChromium, PATIENCE_MS } from './web/browser.ts';

describe.runIf(canTestPages())('the page of the API', () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  /** What the browser refused, and what failed on the page. */
  const problems: string[] = [];
  beforeAll(async () => {
    world = await createWorld();
    const { url } = await world.server.listen({ host: '127.0.0.1', port: 0 });
    browser = await launchChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${url}/docs`);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('lists and opens endpoints under a policy without unsafe-inline', async () => {
    await page.locator('.opblock').first().waitFor();
    expect(await page.locator('.opblock').count()).toBeGreaterThan(40);
    for (const path of ['/api/v1/predict', '/api/v1/runs', '/api/v1/audit-log']) {
      const operation = page.locator(`.opblock:has([data-path="${path}"])`).first();
      await operation.locator('.opblock-control-arrow').click();
      await operation.locator('.responses-wrapper').first().waitFor();
    }
    await page.locator('section.models button').first().click();
    expect(problems).toEqual([]);
  });

  it('shows that a policy does hold: an inline style is refused', async () => {
    await page.evaluate('document.body.insertAdjacentHTML("beforeend", "<p style=\'color: red\'>injected</p>")');
    await expect.poll(() => problems.join()).toMatch(/Content Security Policy/);
  });
});
