import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildIsCurrent } from '../../../scripts/prepare/stamps.mjs';
import { canTest } from '../../can-test.ts';

const require = createRequire(import.meta.url);
const POLL_MS = 20;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** Path of a Chromium of this machine. */
function maybeChromium(): string | undefined {
  return PLACES.find((place) => existsSync(place));
}

/** Whether there is a Chromium, or must be one, as in CI. Says so when the tests of the pages are skipped. */
export function canTestPages(): boolean {
  return canTest(
    maybeChromium() !== undefined,
    'The tests of the pages are skipped: no Chromium was found. Install the package "chromium".',
  );
}

/** Starts a Chromium without a window. Throws where there is none, as CI must test the pages. */
export function launchChromium(): Promise<Browser> {
  const executablePath = maybeChromium();
  if (executablePath === undefined)
    throw new Error(
      'Expected Chromium at /usr/bin/chromium, as CI must test the pages; install the package "chromium".',
    );
  // What a graphics card would draw is drawn by the processor in any case: a process between them only costs.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--in-process-gpu'] });
}

/** Ends a test that waits in vain; a busy machine takes long, and no less. */
export const PATIENCE_MS = 300_000;

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

/** What axe finds on the page as it stands. Nothing is preloaded: that is for sounds and for a rule which is not run. */
export async function findViolations(page: Page): Promise<Violation[]> {
  if (!(await page.evaluate<boolean>('"axe" in window')))
    // Not as a script of the page: its policy allows none that it does not bring along.
    await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  for (let tries = 1; ; tries += 1) {
    const found = await page.evaluate<Violation[] | null>(FIND);
    if (found !== null) return found;
    if (tries === AXE_TRIES_MAX)
      throw new Error(`Expected axe to end within ${AXE_MS} ms; it did not, ${tries} times.`);
  }
}

/** What runs in a page has no limit of its own, and a frame that is not drawn can leave it waiting. */
const AXE_MS = 60_000;
const AXE_TRIES_MAX = 3;
const FIND = `Promise.race([
  axe.run(document, { resultTypes: ['violations'], selectors: false, preload: false }).then(({ violations }) =>
    violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 4).map((node) => node.html.slice(0, 200) + ' ' + (node.any[0]?.message ?? '')) }))),
  new Promise((resolve) => setTimeout(() => resolve(null), ${AXE_MS})),
])`;

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

interface Collecting {
  readonly errors: string[];
  /** Whether an address is of the server that the pages come from. */
  readonly isOwn: (url: string) => boolean;
}

/** Collects what no page may do: throw, break the content policy, ask another machine. */
export function collectErrors(page: Page, { errors, isOwn }: Collecting): void {
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // Tests evaluate text in the page, which no page does by itself: no part of it is bundled with an eval.
    if (/content.security.policy/i.test(message.text()) && !/unsafe-eval/.test(message.text()))
      errors.push(message.text());
  });
  page.on('request', (request) => {
    if (!isOwn(request.url()) && /^https?:/.test(request.url())) errors.push(`asked another machine: ${request.url()}`);
  });
}
