import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { buildIsCurrent } from '../../../scripts/prepare/stamps.mjs';

const require = createRequire(import.meta.url);
const POLL_MS = 20;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** Path of a Chromium of this machine. */
export function maybeChromium(): string | undefined {
  return PLACES.find((place) => existsSync(place));
}

/** The pages as they were built; when the sources have changed since, they are built into a folder that goes at the end. */
export async function currentPages(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  if (buildIsCurrent(process.cwd())) return { folder: path.resolve('dist/web'), remove: async () => undefined };
  const folder = await buildPages();
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

async function buildPages(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weir-pages-'));
  const vite = path.join(path.dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  // Not within this process: vitest sets NODE_ENV to "test", which would bundle React for development.
  await promisify(execFile)(process.execPath, [vite, 'build', '-c', 'src/web/vite.config.ts', '--outDir', folder], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return folder;
}

/** Whether the page shows its content instead of grey shapes. */
const SETTLED =
  'document.querySelector("main h1, main [role=alert]") !== null && document.querySelector(".mantine-Skeleton-root") === null';

/** Waits until the page shows its content instead of grey shapes, and until what else is asked of it holds. */
export async function settle(page: Page, condition = 'true'): Promise<void> {
  await page.waitForFunction(
    `${SETTLED} && ${condition}`,
    undefined,
    // Not at each frame, as is usual: asking for frames makes the browser draw, which costs more than the page.
    { polling: POLL_MS },
  );
}

export interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly string[];
}

/** What axe finds on the page as it stands. */
export async function findViolations(page: Page): Promise<Violation[]> {
  if (!(await page.evaluate<boolean>('"axe" in window')))
    await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  return await page.evaluate<
    Violation[]
  >(`axe.run(document, { resultTypes: ['violations'], selectors: false }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 4).map((node) => node.html.slice(0, 200) + ' ' + (node.any[0]?.message ?? '')) })))`);
}

/** Pixels by which the page can be moved sideways; 0 when it fits. */
export function findOverflow(page: Page): Promise<number> {
  return page.evaluate<number>('Math.max(0, document.documentElement.scrollWidth - window.innerWidth)');
}

/** Words that only a mistake of ours puts on a screen. */
export function findLeaks(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    String.raw`[...(document.body.innerText.match(/undefined|\bNaN\b|\[object|Invalid Date|Infinity/g) ?? [])]`,
  );
}
