import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chooseKills } from '../kills/choose-kills.ts';
import { addRule } from './web/add-rule.ts';
import { ABSENT, PAGES } from './web/addresses.ts';
import {
  canTestPages,
  collectErrors,
  currentPages,
  findLeaks,
  findOverflow,
  findViolations,
  launchChromium,
  PATIENCE_MS,
  settle,
} from './web/browser.ts';
import { chooseZone } from './web/choose-zone.ts';
import { labelAfterSlash, readOutputs, searchFiles, sortVersions, usePalette } from './web/find.ts';
import { type Fixtures, makeEmptyFixtures, makeFixtures, makeLargeRun } from './web/fixtures.ts';
import { sendJobs } from './web/jobs.ts';
import { noSession, userSession } from './web/made-up-access.ts';
import { type MockServer, startMockServer } from './web/mock-server.ts';
import { filterPast, findRow, followRuns, openPast } from './web/past.ts';
import { explainRow, loseAnAnswer, mistypeAge, predictFile } from './web/predict.ts';
import {
  handleRule,
  pauseAndResume,
  promoteAndRollBack,
  receiveAndIngest,
  sendLabels,
  testChannels,
} from './web/steer.ts';
import { giveAccess, logIn, retryFailed, turnPages } from './web/team.ts';

const [NOWHERE] = PAGES['a page that is not there'];
/** Rows of a list before "Load more": enough for each state, verdict and source to be among them. */
const PAGE_ROWS = 15;
const FIRST_LOAD_KB_MAX = 250;
/** Colours do not depend on the width, nor places on the scheme: two of the four combinations show every fault. */
type Look = readonly [width: number, colorScheme: 'light' | 'dark'];
const WIDE: Look = [1440, 'light'];
const NARROW: Look = [400, 'dark'];

describe.skipIf(!canTestPages())('the pages in a real browser', () => {
  let folder: string;
  let pages: Awaited<ReturnType<typeof currentPages>> | undefined;
  let browser: Browser;
  let page: Page;
  let fixtures: Fixtures;
  let makeNow = makeFixtures;
  let server: MockServer;
  let look: Look | undefined;
  const errors: string[] = [];

  // One tab for all tests: it has the code of the pages compiled after the first.
  beforeAll(async () => {
    pages = await currentPages();
    folder = pages.folder;
    server = await startMockServer(folder, makeFixtures(Date.now()), { pageRows: PAGE_ROWS });
    browser = await launchChromium();
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    collectErrors(page, { errors, isOwn: (url) => url.startsWith(server.url) });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await pages?.remove();
  });
  beforeEach(async () => {
    fixtures = makeNow(Date.now());
    server.show(fixtures);
    errors.length = 0;
  });
  // What a failed test leaves must not fail the next one.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await page.goto('about:blank');
  });

  /** Does nothing when it is so already: to draw the page again costs more than most that is done with it. */
  async function appear(wanted: Look): Promise<void> {
    if (wanted === look) return;
    const [width, colorScheme] = wanted;
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    look = wanted;
  }

  /** Loads the page, as from a link that somebody sent. */
  async function open(address: string): Promise<void> {
    await page.goto(server.url + address);
    await settle(page);
  }

  const title = (heading: string): Locator => page.getByRole('heading', { name: heading, exact: true });

  /**
   * Goes to the page from the one that is open, as by a click on a link. Nothing is loaded again, which costs three times as
   * much. What shows that it is there must not be on the page before it.
   */
  async function goOn(address: string, shown: Locator, appearance: Look = WIDE): Promise<void> {
    await appear(appearance);
    if (page.url() === 'about:blank') return await open(address);
    if ((await shown.count()) > 0) await goOn(NOWHERE, title('Not found'), appearance);
    await page.evaluate(`history.pushState({}, '', ${JSON.stringify(address)})`);
    await shown.first().waitFor();
    await settle(page);
  }

  it.each(Object.entries(PAGES))(
    'shows %s whole and readable for all, wide and light, narrow and dark',
    async (name, [address, heading]) => {
      // One of the two is chosen by the seed, and in a full run, which CI does, both are.
      const looks = chooseKills([WIDE, NARROW], { test: `look of ${name}`, extra: 0, pointOf: () => 'look' });
      await goOn(address, title(heading), looks[0]);
      expect(await page.getByText(ABSENT).count()).toBe(name === 'a run that is not there' ? 1 : 0);
      for (const each of looks) {
        const [width, colorScheme] = each;
        await appear(each);
        await settle(page, `document.documentElement.dataset.mantineColorScheme === '${colorScheme}'`);
        expect(await findViolations(page), `${colorScheme} at ${width}`).toEqual([]);
        expect(await findOverflow(page), `${colorScheme} at ${width}`).toBe(0);
      }
      expect(await findLeaks(page)).toEqual([]);
      expect(errors).toEqual([]);
    },
  );

  it('shows each state, verdict and source among the rows of a list', () => {
    const firstOf = <T>(items: readonly T[]): readonly T[] => items.slice(0, PAGE_ROWS);
    expect(new Set(firstOf(fixtures.runs).map(({ state }) => state))).toEqual(
      new Set(fixtures.runs.map(({ state }) => state)),
    );
    expect(new Set(firstOf(fixtures.checks).map(({ verdict }) => verdict))).toEqual(
      new Set(fixtures.checks.map(({ verdict }) => verdict)),
    );
    expect(new Set(firstOf(fixtures.predictions).map(({ source }) => source))).toEqual(
      new Set(fixtures.predictions.map(({ source }) => source)),
    );
  });

  describe('while nothing is there', () => {
    beforeAll(async () => {
      makeNow = makeEmptyFixtures;
      // What the browser remembers of the full pages goes.
      await page.goto('about:blank');
    });
    afterAll(async () => {
      makeNow = makeFixtures;
      await page.goto('about:blank');
    });

    // One page of each kind is drawn, and in a full run all: those below one path are of one kind, as are those at it.
    const empty = chooseKills(Object.entries(PAGES), {
      test: 'pages while nothing is there',
      extra: 0,
      pointOf: ([, [address]]) => /^\/[\w-]*\/?/.exec(address)?.[0] ?? address,
    });
    it.each(empty)('says on %s what will come', async (_, [address, , sentence]) => {
      await goOn(address, page.getByText(sentence));
      await page.getByText(sentence).first().waitFor();
      expect(await findViolations(page)).toEqual([]);
      expect(await findLeaks(page)).toEqual([]);
      expect(errors).toEqual([]);
    });
  });

  it(`loads at most ${FIRST_LOAD_KB_MAX} KB before charts`, async () => {
    const html = await readFile(path.join(folder, 'index.html'), 'utf8');
    const files = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? '');
    const contents = await Promise.all(files.map((file) => readFile(path.join(folder, file))));
    const bytes = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
    expect(files.length).toBeGreaterThan(1);
    expect(bytes / 1024).toBeLessThan(FIRST_LOAD_KB_MAX);
  });

  it('explains a row and does not store it when asked so, also in the code to copy', async () => {
    await goOn('/predict', title('Predict'));
    await explainRow(page);
    expect(server.changes.map(({ path: address }) => address)).toEqual(['/api/predict']);
  });

  it('predicts a row typed into the form made from the contract', async () => {
    await goOn('/predict', title('Predict'));
    await page.getByText('3rd', { exact: true }).click();
    await page.getByText('female', { exact: true }).click();
    await page.getByLabel('Age (years)').fill('29.5');
    await page.getByLabel('Number').fill('4711');
    await page.getByRole('button', { name: 'Predict', exact: true }).click();
    await page.getByText('82.3 %').first().waitFor();
    expect(server.changes[0]).toMatchObject({
      path: '/api/predict',
      headers: { 'x-weir-source': 'webapp' },
      body: { class: '3rd', sex: 'female', age: 29.5, id: 4711 },
    });
  });

  it('names at each field what is wrong, before and after asking the server, and keeps what was typed', async () => {
    await goOn('/predict', title('Predict'));
    await page.getByRole('button', { name: 'Predict', exact: true }).click();
    await page.getByText('Expected one of "female", "male", got nothing').waitFor();
    expect(server.changes).toEqual([]);
    await mistypeAge(page);
  });

  it('sends a row that was not answered under the same key again, and the next row under another', async () => {
    await goOn('/predict', title('Predict'));
    const lost = await loseAnAnswer(page);
    const keyOf = (headers: Readonly<Record<string, unknown>> = {}): unknown => headers['idempotency-key'];
    const [again, next] = server.changes.map(({ headers }) => keyOf(headers));
    expect(again).toBe(keyOf(lost));
    expect(next).not.toBe(again);
  });

  it('reads a CSV file, shows what is wrong in it, and sends its valid rows as JSON', async () => {
    await goOn('/predict', title('Predict'));
    const saved = await predictFile(page);
    expect(server.changes.map(({ body }) => body)).toEqual([
      [
        { id: 7, class: '1st', sex: 'male', age: 40 },
        { id: 9, class: 'crew', sex: 'female', age: null },
      ],
    ]);
    expect(saved.split('\r\n').slice(1, 4)).toEqual([
      '1,A1,7,male,1st,40,no,0.823,new-0,',
      '2,B2,8,female,9th,31,,,,"class: expected one of ""1st"", ""2nd"", ""3rd"", ""crew"", got ""9th"""',
      '3,C3,9,female,crew,,yes,0.823,new-1,',
    ]);
  });

  it('sends a file of any length to be predicted, shows how far it is, and cancels another', async () => {
    await goOn('/predict', title('Predict'));
    await sendJobs(page, fixtures.jobs);
    const sent = server.changes.map(({ path: address }) => address);
    expect(sent).toEqual(['/api/prediction-jobs', '/api/prediction-jobs/3/cancel']);
  });

  it('sorts a table by its heads, also from the keyboard, and keeps the order in the address', async () => {
    await open('/models');
    await sortVersions(page);
  });

  it('has the server sort and search a list that comes page by page', async () => {
    await open('/data?checks.sort=file');
    await searchFiles(page, { checks: fixtures.checks, pageRows: PAGE_ROWS });
  });

  it('finds a page, a run and a file in the palette, by the keyboard alone', async () => {
    await open('/models');
    await usePalette(page, fixtures);
    expect(errors).toEqual([]);
  });

  it('moves the focus to the search of a page by a slash', async () => {
    await open('/runs');
    expect(await labelAfterSlash(page)).toBe('Search: Runs');
  });

  it('keeps the filters of past predictions in the address, and says which one to loosen', async () => {
    await goOn('/past-predictions', title('Past predictions'));
    await filterPast(page, fixtures.predictions);
    await turnPages(page, 'Predictions');
  });

  it('shows what is known of a past prediction, explains it, and saves the list', async () => {
    await open('/past-predictions');
    await openPast(page, fixtures.predictions);
    expect(server.changes).toMatchObject([{ path: '/api/predict', body: fixtures.predictions[1]?.features }]);
    expect(errors).toEqual([]);
  });

  it('finds the predictions for a row, with what really happened to it', async () => {
    await goOn('/past-predictions', title('Past predictions'));
    await findRow(page, fixtures.predictions);
  });

  it('shows on the models page how good the predictions of each day were', async () => {
    await goOn('/models', title('Models'));
    const rows = page.getByRole('region', { name: 'Performance by day' }).locator('tbody tr');
    expect(await rows.count()).toBe(15);
    expect(await rows.nth(0).innerText()).toMatch(
      /All days\s+1,771\s+947\s+53.5 %\s+0.812\s+0.787 to 0.835\s+0.817\s+0.779 to 0.855\s+\+0.003/,
    );
    expect(await rows.nth(1).innerText()).toContain('no label yet');
  });

  it('sends the labels of a CSV file, and shows those with a problem before', async () => {
    await goOn('/past-predictions', title('Past predictions'));
    await page.getByRole('button', { name: 'Send labels' }).click();
    const dialog = await sendLabels(page);
    expect(server.changes).toMatchObject([
      {
        path: '/api/labels',
        headers: { 'x-weir-source': 'webapp' },
        body: [
          { rowId: '2001', value: 'yes' },
          { rowId: '2002', value: 'no' },
        ],
      },
    ]);
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  it('follows a run without a reload', async () => {
    await goOn('/runs/run-1000', title('ingest'));
    await page.getByRole('button', { name: 'Cancel this run' }).waitFor();
    await page.getByRole('status', { name: 'Connection: Live' }).waitFor();
    const [run] = fixtures.runs;
    if (run === undefined) throw new Error('The fixtures hold no run.');
    fixtures.runs[0] = { ...run, state: 'succeeded', endedAt: new Date().toISOString() };
    server.emitRun(run.id);
    await page.getByRole('button', { name: 'Start ingest now' }).waitFor();
  });

  it('draws a dashboard over the window that is chosen', async () => {
    await goOn('/dashboards/ingested-data', title('Ingested data'));
    expect(await page.locator('.panel svg').count()).toBeGreaterThan(3);
    await page.getByRole('combobox', { name: 'Window of time' }).click();
    await page.getByRole('option', { name: 'Last 3 hours' }).click();
    await page.waitForURL(/minutes=180/);
    await page.getByText('The query failed: column "quarantined_bytes" does not exist').waitFor();
  });

  it('starts a pipeline and shows its run', async () => {
    await goOn('/', title('Titanic survival'));
    await page.getByRole('button', { name: 'Start ingest now' }).click();
    await page.waitForURL(/\/runs\/run-1000/);
    expect(server.changes.map((change) => change.path)).toEqual(['/api/pipelines/ingest/runs']);
  });

  it('asks for a login at the address itself, and shows it afterwards', async () => {
    fixtures.access.session = noSession;
    await page.goto(`${server.url}/runs?state=failed`);
    await logIn(page);
    expect(errors).toEqual([]);
  });

  it('shows a viewer why a control is disabled, and no page of admins', async () => {
    fixtures.access.session = userSession('viewer');
    await page.goto(`${server.url}/users`);
    await page.getByText('You may not see this page').waitFor();
    await goOn('/models', title('Models'));
    const promote = page.getByRole('button', { name: 'Promote titanic@2' });
    expect(await promote.isDisabled()).toBe(true);
    expect(await promote.getAttribute('title')).toContain('Needs the role operator; you are viewer.');
    await page.getByRole('button', { name: 'ada, viewer' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await title('Log in').waitFor();
    expect(server.changes[0]?.headers).toMatchObject({ 'x-csrf-token': 'token-of-ada' });
    await page.goto('about:blank');
  });

  it('invites a user and creates a key, whose secrets are shown once', async () => {
    await goOn('/users', title('Users and keys'));
    await giveAccess(page, server.url);
  });

  it('retries the failed runs of a list together', async () => {
    await goOn('/runs?state=failed', title('Runs'));
    const count = fixtures.runs.filter(({ state }) => state === 'failed').length;
    await retryFailed(page, Math.min(count, PAGE_ROWS));
    expect(server.changes).toHaveLength(Math.min(count, PAGE_ROWS) - 1);
  });

  it('starts the pipeline that is chosen on the page of runs', async () => {
    await goOn('/runs', title('Runs'));
    await page.getByRole('button', { name: 'Start a pipeline' }).click();
    await page.getByRole('menuitem', { name: 'ingest' }).click();
    await page.waitForURL(/\/runs\/run-1000/);
    expect(server.changes.map((change) => change.path)).toEqual(['/api/pipelines/ingest/runs']);
  });

  it('says why a task ran or did not, leads to the input that changed, and tries a failed run again', async () => {
    const failed = fixtures.runs.find(({ state }) => state === 'failed');
    if (failed === undefined) throw new Error('The fixtures hold no failed run.');
    await goOn(`/runs/${failed.id}?task=validate-data`, title('ingest'));
    const why = page.getByRole('region', { name: 'Why validate-data ran' });
    await why.getByText('Its code was version 1 and is version 2.').waitFor();
    await why.getByRole('button', { name: 'See read-data' }).click();
    await page.waitForURL(/task=read-data/);
    await page.getByRole('region', { name: 'Why read-data ran' }).waitFor();
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Retry from failure' }).click();
    await page.waitForURL(/\/runs\/run-1000/);
    expect(server.changes.map((change) => change.path)).toEqual([`/api/runs/${failed.id}/retry`]);
    await goOn('/runs/run-1000?task=read-data', title('ingest'));
    await page.getByText('Why it did not run').waitFor();
    await page.getByRole('region', { name: 'Why read-data ran' }).getByRole('link', { name: 'run run-980' }).waitFor();
  });

  it('shows what a task made, with its links, and copies a digest that is shown short', async () => {
    await goOn('/runs/run-1000?task=read-data', title('ingest'));
    await readOutputs(page);
  });

  it('shows a run of thousands by task, and opens to its task runs, those that failed first', async () => {
    fixtures.runs.push(makeLargeRun(2_000));
    await goOn('/runs/run-large', title('nightly'));
    await page.getByRole('button', { name: 'check-file · 2,000 task runs 1 failed, 1,999 succeeded' }).waitFor();
    await page.locator('.react-flow__node').first().waitFor();
    expect(await page.locator('.react-flow__node').allInnerTexts()).toHaveLength(3);
    expect(await findViolations(page)).toEqual([]);
    // It failed, so what failed is open.
    const lines = page.locator('.mantine-Accordion-item .mantine-Accordion-item');
    await lines.first().getByText('check-file · file=part-1500.csv').waitFor();
    expect(await lines.count()).toBe(100);
    await page.getByRole('region', { name: 'Log of attempt 3' }).waitFor();
  });

  it('pauses a schedule with a reason, shows who stopped it and why, and resumes it', async () => {
    await goOn('/', title('Titanic survival'));
    await pauseAndResume(page);
    expect(server.changes.map(({ path: address, body }) => [address, body])).toEqual([
      ['/api/schedules/ingest/pause', { reason: 'the files are wrong', by: 'somebody at the web app' }],
      ['/api/schedules/ingest/resume', { reason: 'they are right again', by: 'somebody at the web app' }],
    ]);
  });

  it('takes a file into raw-data, says when its name was taken, and ingests the very file', async () => {
    await goOn('/data', title('Data'));
    await receiveAndIngest(page);
    expect(server.changes.map(({ path: address, body }) => [address, body])).toEqual([
      ['/api/files', 'id,class,sex,age\n'],
      ['/api/pipelines/ingest/runs', { params: { file: 'passengers-602-2.csv' } }],
    ]);
  });

  it('promotes a version with a reason, shows what changes, and rolls it back', async () => {
    await goOn('/models', title('Models'));
    await promoteAndRollBack(page);
    const by = 'somebody at the web app';
    expect(server.changes.map(({ path: address, body }) => [address, body])).toEqual([
      ['/api/models/2/promote', { reason: 'it knows the crew better', by, expectedPrevious: 3 }],
      ['/api/models/rollback', { reason: 'it was wrong', by, expectedPrevious: 2 }],
    ]);
  });

  it('counts the rules that fire, tries a changed one against the last 24 hours, mutes it, and tests channels', async () => {
    await goOn('/alerts', title('Alerts'));
    await page.getByRole('link', { name: 'Alerts 2 firing' }).waitFor();
    await handleRule(page);
    await testChannels(page);
    expect(errors).toEqual([]);
    const by = 'somebody at the web app';
    expect(server.changes.map(({ path: address, body }) => [address, body])).toEqual([
      ['/api/alert-rules/bad-rows/try', { threshold: 0.3 }],
      ['/api/alert-rules/bad-rows', { threshold: 0.3, reason: 'fewer notices', by }],
      ['/api/alert-rules/bad-rows/mute', { minutes: 240, reason: 'the supplier repairs it', by }],
      ['/api/alert-channels/teams/test', undefined],
      ['/api/alert-channels/slack/test', undefined],
    ]);
  });

  it('adds an alert rule of a kind that is chosen, after it was tried', async () => {
    await goOn('/alerts', title('Alerts'));
    await addRule(page);
    const fields = { kind: 'run-failed', params: { pipeline: 'ingest' }, threshold: 3, severity: 'high' };
    expect(server.changes).toMatchObject([
      { path: '/api/alert-rules/no-ingestion/try', body: fields },
      { path: '/api/alert-rules/no-ingestion', body: { ...fields, reason: 'nobody noticed last week' } },
    ]);
    expect(errors).toEqual([]);
  });

  it('shows times in a zone that is found by its name, and remembers it', async () => {
    await open('/past-predictions');
    await chooseZone(page);
  });

  it('leads from an alert and from a model version to the run behind it', async () => {
    await goOn('/alerts', title('Alerts'));
    await followRuns(page);
  });

  it('says what to do when the server is gone, and shows the page once it is back', async () => {
    await goOn('/models', title('Models'));
    await server.close();
    await page.getByRole('status', { name: 'Connection: Reconnecting' }).waitFor();
    // A page that was not shown before: of others the browser still has what they said.
    const { id, pipeline } = fixtures.runs.at(-1) ?? expect.fail('there are runs');
    await page.evaluate(`history.pushState({}, '', '/runs/${id}')`);
    await page
      .getByText(/could not be reached|Weir is not running/)
      .first()
      .waitFor();
    server = await startMockServer(folder, fixtures, { port: Number(new URL(server.url).port), pageRows: PAGE_ROWS });
    // By itself, all of it, once the connection is there again.
    await title(pipeline).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });
});
