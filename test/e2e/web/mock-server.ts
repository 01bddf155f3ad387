import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { errorBody, errorType, PROBLEM_TYPE, type RowProblem, RUN_EVENTS_PATH, routes, type Worker } from '#api';
import { renderReport, rowsImage, trendImage, withScheme } from '#contracts';
import { withNonce } from '../../../src/server/plugins/page-nonce.ts';
import { answerKeys, answerSession, answerUsers } from './answer-access.ts';
import { answerAlertRules } from './answer-alert-rules.ts';
import { changeJobs } from './answer-jobs.ts';
import { answerPredict, filterPredictions, findPrediction } from './answer-predictions.ts';
import type { Fixtures } from './fixtures.ts';
import { makeAttempts, makeChannelTest } from './made-up-alert-channels.ts';
import { makeRuleKinds } from './made-up-alert-rules.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface MockServer {
  readonly url: string;
  /** Calls of the API that changed something: method, path and what was sent. */
  readonly changes: readonly {
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: unknown;
  }[];
  /** Answers from these from now on, and forgets what changed. */
  show(fixtures: Fixtures): void;
  /** Tells every open page that this run changed. */
  emitRun(id: string): void;
  close(): Promise<void>;
}

export interface MockOptions {
  readonly port?: number;
  /** Rows that one answer holds at most; a list that has more goes on with "Load more". */
  readonly pageRows?: number;
}

/** Serves the built pages and answers the API from fixtures; every answer is parsed by the route it belongs to. */
export async function startMockServer(
  webFolder: string,
  fixtures: Fixtures,
  { port = 0, pageRows = 50 }: MockOptions = {},
): Promise<MockServer> {
  let shown = fixtures;
  const changes: { path: string; headers: IncomingMessage['headers']; body: unknown }[] = [];
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ code: 'mock_failed', detail: String(error) }));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    if (url.pathname === RUN_EVENTS_PATH) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
      listeners.add(response);
      return;
    }
    const [, id, chart] = /^\/api\/checks\/([^/]+)\/(rows|trend)\.svg$/.exec(url.pathname) ?? [];
    if (id !== undefined) {
      const scheme = url.searchParams.get('scheme') === 'dark' ? 'dark' : 'light';
      const rows = shown.checks.find((check) => check.id === id)?.rows ?? { in: 0, good: 0, bad: 0, rejected: 0 };
      const image = chart === 'rows' ? rowsImage(rows, scheme) : trendImage([0, 0.2, 0.05, 0.4, 0.1], scheme);
      response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(image);
      return;
    }
    const [, reported] = /^\/api\/checks\/([^/]+)\/report$/.exec(url.pathname) ?? [];
    if (reported !== undefined) {
      const found = shown.checks.find((check) => check.id === reported);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(toReport(found, url));
      return;
    }
    if (!url.pathname.startsWith('/api/')) return await sendFile(webFolder, url.pathname, response);
    const body = await readBody(request);
    if (request.method === 'POST') changes.push({ path: url.pathname, headers: request.headers, body });
    const { status, content } = toAnswer(withLimit(url, pageRows), { body, headers: request.headers, fixtures: shown });
    response
      .writeHead(status, { 'content-type': status < 400 ? 'application/json' : PROBLEM_TYPE })
      .end(JSON.stringify(content));
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  // A TCP server that listens has an address of this form.
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    changes,
    show: (next) => {
      shown = next;
      changes.length = 0;
    },
    emitRun: (id) => {
      for (const each of listeners) each.write(`event: run\ndata: ${JSON.stringify({ id })}\n\n`);
    },
    close: () => closeServer(server, listeners),
  };
}

function toReport(check: Fixtures['checks'][number] | undefined, url: URL): string {
  if (check === undefined) return '';
  const { criticality, ...facts } = check;
  const result = { ...facts, ...(criticality === null ? {} : { criticality }), violations: [] };
  const report = renderReport({ ...result, contract: 'passengers', expectations: [], columns: [] });
  return withScheme(report, url.searchParams.get('scheme') === 'dark' ? 'dark' : 'light');
}

async function closeServer(server: Server, listeners: ReadonlySet<ServerResponse>): Promise<void> {
  for (const each of listeners) each.end();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const isJson = request.headers['content-type'] === 'application/json';
  return text === '' ? undefined : isJson ? JSON.parse(text) : text;
}

/** The address with a limit of rows that is no higher than `max`. */
function withLimit(url: URL, max: number): URL {
  const limited = new URL(url);
  limited.searchParams.set('limit', String(Math.min(Number(url.searchParams.get('limit') ?? max), max)));
  return limited;
}

async function sendFile(webFolder: string, pathname: string, response: ServerResponse): Promise<void> {
  const isFile = path.extname(pathname) !== '';
  const file = path.join(webFolder, isFile ? path.normalize(pathname) : 'index.html');
  try {
    const content = await readFile(file);
    if (!isFile) {
      // As the server does, but reported only: what tests evaluate in the page would be forbidden too.
      const { content: page, policy } = withNonce(content.toString());
      const headers = {
        'content-type': 'text/html',
        'cache-control': 'no-store',
        'content-security-policy-report-only': policy,
      };
      response.writeHead(200, headers).end(page);
      return;
    }
    response
      .writeHead(200, {
        'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        'cache-control': pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      })
      .end(content);
  } catch {
    response.writeHead(404).end('not found');
  }
}

interface Answered {
  readonly status: number;
  readonly content: unknown;
}
const ok = (content: unknown): Answered => ({ status: 200, content });
const refused = (
  status: number,
  code: string,
  refusal: { readonly detail: string; readonly problems?: RowProblem[] },
): Answered => ({
  status,
  content: errorBody.parse({
    type: errorType(code),
    title: 'Refused by the mock server.',
    status,
    instance: 'urn:weir:request:mock',
    code,
    ...refusal,
  }),
});
const missing = (what: string): Answered =>
  refused(404, 'not_found', {
    detail: `Expected a ${what} that exists; this one does not. The list shows those that do.`,
  });

interface Asked {
  readonly url: URL;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
  readonly fixtures: Fixtures;
  /** The part of the path after the resource; empty for the list. */
  readonly id: string;
}

const ANSWERS: Readonly<Record<string, (asked: Asked) => Answered>> = {
  live: () => ok({ status: 'ok', uptimeSeconds: 60 }),
  health: ({ fixtures }) => ok(fixtures.health),
  project: ({ fixtures }) => ok(fixtures.project),
  schedules: ({ url, body, fixtures, id }) =>
    id === '' ? ok({ items: fixtures.schedules }) : changeSchedule(url, body, fixtures),
  contract: ({ fixtures }) => ok(fixtures.contract),
  models: ({ url, body, fixtures, id }) => {
    if (id === 'performance') return ok(fixtures.performance);
    return id === '' ? ok(fixtures.models) : changeAlias(url, body, fixtures);
  },
  files: ({ url, fixtures }) =>
    url.searchParams.has('name')
      ? takeFile(url, fixtures)
      : ok(routes.files.answer.parse({ items: fixtures.files, count: fixtures.files.length })),
  'prediction-jobs': ({ url, body, fixtures: { jobs }, id }) => {
    if (id === '' && body === undefined) return ok(routes.predictionJobs.answer.parse(page(jobs, url.searchParams)));
    const job = changeJobs(url, jobs);
    return job === undefined ? missing('prediction job') : ok(job);
  },
  datasets: ({ fixtures }) =>
    ok(routes.datasets.answer.parse({ model: fixtures.models.model, versions: fixtures.datasets })),
  predict: ({ url, body, headers, fixtures }) => {
    if (url.searchParams.get('store') === 'false' && headers['idempotency-key'] !== undefined)
      return refused(400, 'request_invalid', { detail: 'Expected no idempotency key with store=false.' });
    const { problems, answer } = answerPredict(url, body, fixtures);
    return answer === undefined
      ? refused(422, 'rows_invalid', { detail: 'Expected rows that fit the contract.', problems })
      : ok(answer);
  },
  pipelines: ({ fixtures, id }) => {
    const runId = fixtures.runs.find(({ pipeline }) => pipeline === id)?.id ?? 'run-1000';
    return ok(routes.startRun.answer.parse({ runId, state: 'queued' }));
  },
  labels: () => ok(routes.sendLabels.answer.parse({ added: 1, corrected: 1, unchanged: 0 })),
  'past-predictions': ({ url: { searchParams: query }, fixtures: { predictions }, id }) => {
    if (id !== '') {
      const found = findPrediction(predictions, id);
      return found === undefined ? missing('prediction') : ok(found);
    }
    const found = filterPredictions(predictions, query);
    const total = query.has('cursor') ? {} : { total: { count: found.length, isExact: true } };
    return ok({ ...page(found, query), ...total, timezone: query.get('timezone') ?? 'UTC' });
  },
  runs: answerRuns,
  checks: ({ url: { searchParams: query }, fixtures, id }) => {
    const wanted = fixtures.checks.filter((check) => matches(query, 'verdict', check.verdict));
    return id === '' ? ok(page(wanted, query)) : one(fixtures.checks, id, 'check');
  },
  dashboards: ({ url, fixtures, id }) =>
    ok(id === '' ? fixtures.dashboards : fixtures.panelRows(Number(url.searchParams.get('minutes') ?? 30))),
  'alert-channels': ({ fixtures, id }) => {
    const channel = fixtures.alertChannels.find(({ name }) => name === id);
    if (id === '') return ok({ items: fixtures.alertChannels });
    return channel === undefined ? missing('channel') : ok(makeChannelTest(channel));
  },
  workers: ({ fixtures: { workers }, id }) => {
    if (id === '') return ok(workers);
    const at = workers.items.findIndex((worker) => worker.id === id);
    const found = workers.items[at];
    if (found === undefined) return missing('worker');
    const drained: Worker = { ...found, state: 'draining', drainingSince: new Date().toISOString() };
    workers.items[at] = drained;
    return ok(drained);
  },
  'alert-rule-kinds': () => ok(makeRuleKinds()),
  'alert-rules': ({ url, body, fixtures }) => {
    const answered = answerAlertRules(url, { body, rules: fixtures.alertRules });
    return answered === undefined ? missing('alert rule') : ok(answered);
  },
  drift: ({ url, fixtures, id }) => (id === '' ? ok(fixtures.drift) : driftWindow(url, fixtures.drift)),
  database: ({ fixtures }) => ok(fixtures.database),
  session: ({ url, body, fixtures }) => {
    const { status, content } = answerSession(url, body, fixtures.access);
    return status === 200 ? ok(content) : refused(401, 'login_refused', { detail: 'Name or password is wrong.' });
  },
  sessions: ({ fixtures }) => ok({ items: fixtures.access.sessions }),
  users: ({ url, body, fixtures: { access } }) =>
    ok(body === undefined ? page(access.users, url.searchParams) : answerUsers(url, body, access)),
  keys: ({ url, body, fixtures: { access } }) =>
    ok(body === undefined ? page(access.keys, url.searchParams) : answerKeys(url, body, access)),
  'audit-log': ({ url, fixtures: { access } }) => {
    const query = url.searchParams;
    const wanted = access.audit.filter(
      ({ outcome, actor }) => matches(query, 'outcome', outcome) && matches(query, 'actor', actor.name),
    );
    return ok(page(wanted, query));
  },
  alerts: ({ url, fixtures, id }) => ok(id === '' ? page(fixtures.alerts, url.searchParams) : makeAttempts(Date.now())),
};

function toAnswer(url: URL, sent: Pick<Asked, 'body' | 'headers' | 'fixtures'>): Answered {
  const { fixtures } = sent;
  const [, , resource = '', id = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (resource !== 'session' && fixtures.access.session.identity === null)
    return refused(401, 'login_required', { detail: 'Expected a login; log in first.' });
  const answer = Object.hasOwn(ANSWERS, resource) ? ANSWERS[resource] : undefined;
  return answer === undefined ? missing('resource') : answer({ ...sent, url, id });
}

function answerRuns({ url, fixtures, id }: Asked): Answered {
  const query = url.searchParams;
  if (url.pathname.endsWith('/retry')) return ok(routes.retryRun.answer.parse({ runId: 'run-1000', state: 'queued' }));
  if (url.pathname.includes('/task-runs/')) return ok(fixtures.taskRunResult);
  if (id !== '') return one(fixtures.runs, id, 'run');
  const wanted = fixtures.runs.filter(
    (run) => matches(query, 'pipeline', run.pipeline) && matches(query, 'state', run.state),
  );
  return ok(page(wanted, query));
}

/** A window of the past has the columns of the newest one. */
function driftWindow(url: URL, { streams }: Fixtures['drift']): Answered {
  const id = url.pathname.split('/').at(-1);
  const found = streams.flatMap(({ latest, history }) =>
    history.flatMap((window) => (window.id === id && latest !== null ? [{ ...latest, ...window }] : [])),
  )[0];
  return found === undefined ? missing('window') : ok(routes.driftWindow.answer.parse(found));
}

/** Pauses or resumes for as long as the server lives. */
function changeSchedule(url: URL, body: unknown, fixtures: Fixtures): Answered {
  const [, , , pipeline = '', action] = url.pathname.split('/').map(decodeURIComponent);
  const { by, reason } = routes.pauseSchedule.body.parse(body);
  const index = fixtures.schedules.findIndex((schedule) => schedule.pipeline === pipeline);
  const found = fixtures.schedules[index];
  if (found === undefined) return missing('schedule');
  const at = new Date().toISOString();
  const changed = { ...found, pause: action === 'pause' ? { at, by, reason } : null };
  fixtures.schedules[index] = changed;
  return ok(changed);
}

/** Takes a file for as long as the server lives. */
function takeFile(url: URL, { files }: Fixtures): Answered {
  const { name: wanted } = routes.receiveFile.query.parse(Object.fromEntries([['name', url.searchParams.get('name')]]));
  const file = files.some((each) => each.file === wanted) ? wanted.replace(/(?=\.)/, '-2') : wanted;
  files.unshift({ file, sizeBytes: 20, changedAt: new Date().toISOString(), runId: null });
  return ok(routes.receiveFile.answer.parse({ file, wanted, sizeBytes: 20 }));
}

/** Promotes, challenges or rolls back for as long as the server lives. */
function changeAlias(url: URL, body: unknown, { models }: Fixtures): Answered {
  const [, , , version = '', action = version] = url.pathname.split('/');
  const { by: actor, reason, expectedPrevious } = routes.promoteVersion.body.parse(body);
  const alias = action === 'challenge' ? 'challenger' : 'champion';
  const last = models.promotions.find((promotion) => promotion.alias === alias);
  const previous = last?.version ?? null;
  if (expectedPrevious !== previous)
    return refused(409, 'promotion_refused', { detail: `Expected ${expectedPrevious}, and it is ${previous}.` });
  const next = action === 'rollback' ? (last?.previous ?? 0) : Number(version);
  const promotion = { alias, version: next, previous, actor, reason, at: new Date().toISOString() } as const;
  models.promotions.unshift(promotion);
  for (const each of models.versions) {
    const others = each.aliases.filter((one) => one !== alias);
    each.aliases = each.version === next ? [...others, alias] : others;
  }
  return ok(routes.promoteVersion.answer.parse(promotion));
}

function matches(query: URLSearchParams, name: string, value: string): boolean {
  const wanted = query.get(name);
  return wanted === null || wanted === 'all' || wanted === value;
}

function one(items: readonly { readonly id: string }[], id: string, what: string): Answered {
  const found = items.find((item) => item.id === id);
  return found === undefined ? missing(what) : ok(found);
}

/** What lists are sorted by, as the server names it. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  created: ['createdAt'],
  checked: ['checkedAt'],
  made: ['at'],
  file: ['file'],
  rows: ['rows', 'in'],
};

function sorted<T>(items: readonly T[], sort: string): readonly T[] {
  const path = ORDERS[sort.replace('-', '')];
  if (path === undefined) return items;
  // Fixtures are records of the API.
  const read = (item: T) => path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], item);
  const up = items.toSorted((a, b) => String(read(a)).localeCompare(String(read(b)), 'en', { numeric: true }));
  return sort.startsWith('-') ? up.reverse() : up;
}

function page<T>(all: readonly T[], query: URLSearchParams): { items: T[]; nextCursor: string | null } {
  const search = (query.get('search') ?? '').toLowerCase();
  const found = all.filter((item) => JSON.stringify(item).toLowerCase().includes(search));
  const items = sorted(found, query.get('sort') ?? '');
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit'));
  return { items: items.slice(start, end), nextCursor: end < items.length ? String(end) : null };
}
