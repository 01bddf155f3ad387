import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorBody, projectAnswer, runDetail } from '#api';
import type { Explanation } from '#engine';
import type { Database } from '#store';
import { type Ended, runWeir, spawnCommand } from '../app/cli/commands/run-weir.ts';
import { chooseKills } from '../kills/choose-kills.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { eventually, removeProject, spawnWeir, startWeir, type WeirProcess } from './weir-process.ts';

const WEIR = [process.execPath, path.resolve('bin/weir.mjs')] as const;

interface ToldRun {
  readonly runId: string;
  readonly state: string;
  readonly taskRuns: readonly {
    readonly task: string;
    readonly params: { readonly book?: string };
    readonly state: string;
    readonly key: string;
    readonly durationMs: number | null;
  }[];
}

function toldBy({ code, out, err }: Ended): ToldRun {
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

/** A copy of the project that its tests may edit. Its database is one of the test run or, without one, its own. */
class Words {
  readonly folder: string;
  readonly database: Database | undefined;

  private constructor(folder: string, database: Database | undefined) {
    this.folder = folder;
    this.database = database;
  }

  static async make({ hasOwnDatabase = false } = {}): Promise<Words> {
    const folder = path.join(await mkdtemp(path.join(tmpdir(), 'weir-almanac-')), 'a project');
    await cp('test/fixtures/almanac', folder, { recursive: true });
    return new Words(folder, hasOwnDatabase ? undefined : await createTestDatabase());
  }

  get environment(): Readonly<Record<string, string>> {
    return this.database === undefined ? {} : { DATABASE_URL: this.database.url };
  }

  weir(...args: readonly string[]): Promise<Ended> {
    return runWeir(args, this.folder, this.environment);
  }

  async run(): Promise<ToldRun> {
    return toldBy(await this.weir('run', 'count', '--json'));
  }

  async edit(file: string, change: (text: string) => string): Promise<void> {
    const place = path.join(this.folder, file);
    const before = await readFile(place, 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    await writeFile(place, after);
  }

  async remove(): Promise<void> {
    await this.database?.close();
    await removeProject(this.folder, path.dirname(this.folder));
  }
}

/** Task name to the states of its task runs. */
function statesOf({
  taskRuns,
}: {
  readonly taskRuns: readonly { readonly task: string; readonly state: string }[];
}): Readonly<Record<string, string>> {
  const states: Record<string, string[]> = {};
  for (const { task, state } of taskRuns) states[task] = [...(states[task] ?? []), state].sort();
  return Object.fromEntries(Object.entries(states).map(([task, each]) => [task, each.join(' ')]));
}

const ALL_CACHED = { 'read-book': 'cached cached', 'count-words': 'cached cached', report: 'cached' };

describe('a project of its own tasks, without a running Weir', () => {
  let words: Words;
  beforeAll(async () => {
    words = await Words.make();
  });
  afterAll(() => words.remove());

  it('runs a pipeline, and tells each task run with state, key and duration', async () => {
    const told = await words.run();
    expect(statesOf(told)).toEqual({
      'read-book': 'succeeded succeeded',
      'count-words': 'succeeded succeeded',
      report: 'succeeded',
    });
    for (const { key, durationMs } of told.taskRuns) {
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      expect(durationMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('computes nothing again after a comment, the layout and the name of a local were edited', async () => {
    await words.edit('tasks.ts', (text) => text.replace('/** One line for all books. */', '// Something else.'));
    await words.edit('words.ts', (text) => text.replaceAll('text', 'given').replace('=> given', '=>\n  given'));
    expect(statesOf(await words.run())).toEqual(ALL_CACHED);
  });

  it('explains what the edit of a helper would do, without doing it', async () => {
    await words.edit('words.ts', (text) => text.replace('\\s+', '[ ,.]+'));
    const { code, out } = await words.weir('explain', 'report(books=["dawn","dusk"])', '--json');
    expect(code).toBe(1);
    const { goals }: Explanation = JSON.parse(out);
    expect(goals.map(({ label, state, differences }) => [label, state, differences.map(({ kind }) => kind)])).toEqual([
      ['report(books=["dawn","dusk"])', 'unknown', ['input', 'input']],
      ['count-words(book="dawn")', 'incomplete', ['code']],
      ['count-words(book="dusk")', 'incomplete', ['code']],
    ]);
    const read = await words.weir('explain', 'read-book', '--params', '{"book":"dawn"}');
    expect(read).toMatchObject({ code: 0, out: expect.stringContaining('read-book(book="dawn") is complete') });
  });

  it('computes what the helper is part of, and nothing else; the run says why', async () => {
    const told = await words.run();
    expect(statesOf(told)).toEqual({
      'read-book': 'cached cached',
      'count-words': 'succeeded succeeded',
      report: 'succeeded',
    });
    const { out } = await words.weir('explain', told.runId, 'report');
    expect(out).toMatch(/^report\(.*\) ran in run \d+ because:\n {2}its input dawn \(count-words\) was/);
    expect(out).toMatch(
      /because count-words\(book="dusk"\) ran in run \d+ because:\n {2}its code was [0-9a-f]{12}, is/,
    );
  });

  it('takes what a person accepted for what the current code would make', async () => {
    await words.edit('words.ts', (text) =>
      text.replace('text.split', 'text.trim().split').replace('given.split', 'given.trim().split'),
    );
    const accepted = await words.weir('accept', 'count-words', '--reason', 'no book begins with a space');
    expect(accepted).toMatchObject({ code: 0, out: expect.stringContaining('2 results of count-words accepted') });
    expect(statesOf(await words.run())).toEqual(ALL_CACHED);
    const { out } = await words.weir('versions', 'count-words(book=dawn)', '--json');
    const { versions } = JSON.parse(out);
    expect(versions).toHaveLength(3);
    expect(versions[0].acceptedFrom).toBe(versions[1].version);
  });

  it('fills a span of time, and only what is missing of it', async () => {
    const span = ['--from', '2026-01-01', '--to', '2026-01-04', '--json'];
    const preview = JSON.parse((await words.weir('backfill', 'headlines', ...span, '--dry-run')).out);
    expect(preview).toMatchObject({ needed: 3 });
    const filled = await words.weir('backfill', 'headlines', ...span);
    expect(filled.code, filled.err).toBe(0);
    expect(JSON.parse(filled.out).runs).toHaveLength(3);
    const again = JSON.parse((await words.weir('backfill', 'headlines', ...span, '--dry-run')).out);
    expect(again).toMatchObject({ needed: 0 });
  });

  it('runs single goals, and with --force computes them although results stand', async () => {
    const goals = ['count-words(book=dawn)', 'read-book(book=noon)'];
    const first = JSON.parse((await words.weir('run', ...goals, '--json')).out);
    expect(first).toMatchObject({ pipeline: 'goals', state: 'succeeded', isForced: false });
    expect(statesOf(first)).toEqual({ 'read-book': 'cached succeeded', 'count-words': 'cached' });
    const forced = await words.weir('run', 'count-words()', '--param', 'book=dawn', '--force');
    expect(forced.code, forced.err).toBe(0);
    expect(forced.out).toMatch(/^run \d+ of goals, forced\n {2}cached .*read-book.*\n {2}succeeded .*count-words/);
    const [, runId = ''] = /^run (\d+)/.exec(forced.out) ?? [];
    expect((await words.weir('explain', runId, 'count-words')).out).toMatch(/because:\n.*\(forced\)/);
  });

  it('prints the result of a goal: values, tables, and files that can be copied', async () => {
    expect((await words.weir('run', 'print')).code).toBe(0);
    const told = await words.weir('result', 'print-book(book=dawn)');
    expect(told.code, told.err).toBe(0);
    expect(told.out).toMatch(/^page: \/.* \(\d+ bytes\)\nwords: \d rows?\n {2}word +length\n {2}The +3\n/);
    const { outputs } = JSON.parse((await words.weir('result', 'count-words(book=dawn)', '--json')).out);
    expect((await words.weir('result', 'count-words(book=dawn)')).out).toBe(`words: ${outputs.words.value}\n`);
    const place = path.join(words.folder, 'page.txt');
    const copied = await words.weir('result', 'print-book(book=dawn)', '--name', 'page', '--output', place);
    expect(copied, copied.err).toMatchObject({ code: 0, out: expect.stringMatching(/^page: \d+ bytes in /) });
    expect(await readFile(place, 'utf8')).toBe('The dawn comes, and the dawn goes.');
  });

  it('says why a goal has no result, and where an older one is', async () => {
    const never = await words.weir('result', 'print-book(book=noon)');
    expect(never).toMatchObject({ code: 1, out: '' });
    expect(never.err).toMatch(
      /^There is no result of print-book\(book="noon"\) that is valid now\.\n.*would be computed/,
    );
    await words.edit('words.ts', (text) => text.replace('=>', '=> /* edited */ [...').replace(/;$/m, '];'));
    const stale = await words.weir('result', 'count-words(book=dawn)');
    expect(stale).toMatchObject({ code: 1, err: expect.stringContaining('its code was') });
    const [, version = ''] = /--as-of (\d+)/.exec(stale.err) ?? [];
    const older = await words.weir('result', 'count-words(book=dawn)', '--as-of', version);
    expect(older).toMatchObject({ code: 0, out: expect.stringMatching(/^words: \d+\n$/) });
    await words.edit('words.ts', (text) => text.replace('/* edited */ [...', '').replace('];', ';'));
    expect((await words.weir('result', 'count-words(book=dawn)')).code).toBe(0);
  });

  it.each([
    [['result', 'sing(loud=true)'], 64, /No task is named "sing"/],
    [['result', 'count-words(book=dawn)', '--name', 'letters'], 64, /Expected an output of count-words \(words\)/],
    [['result', 'count-words(book=dawn)', '--output', 'x'], 64, /There is: words \(value\)/],
  ] as const)('refuses %j with %d', async (args, code, words_) => {
    const ended = await words.weir(...args);
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(words_);
  });

  it('runs a pipeline with params', async () => {
    const told = await words.weir('run', 'some', '--param', 'books=["dawn","dusk"]', '--params', '{"limit":1}');
    expect(told.code, told.err).toBe(0);
    expect(told.out).toMatch(/^run \d+ of some\(books=\["dawn","dusk"\], limit=1\)\n/);
    expect(told.out).toMatch(/count-words\(book="dawn"\)/);
    expect(told.out).not.toMatch(/count-words\(book="dusk"\)/);
  });

  it.each([
    [['run', 'some'], 64, /expected array[\s\S]*It takes books \(list of string\), limit \(integer, 10 when absent\)/],
    [['run', 'count', '--param', 'day=1'], 64, /Pipeline count takes no params; got day/],
    [['run', 'count-words(page=3)'], 64, /Params of task count-words do not fit/],
    [['run', 'sing()'], 64, /No task is named "sing"/],
    [['run', 'sing'], 64, /No pipeline is named "sing".*count/],
    [['explain', 'sing(loud=true)'], 64, /No task is named "sing"/],
    [['explain', 'count-words(page=3)'], 64, /do not fit its schema/],
    [['explain', '404', 'report'], 64, /There is no run 404/],
    [['backfill', 'count', '--from', '2026-01-01', '--to', '2026-01-02'], 64, /runs on a schedule.*headlines/],
  ] as const)('refuses %j with %d', async (args, code, words_) => {
    const ended = await runWeir(args, words.folder, words.environment);
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(words_);
  });
});

describe('a run whose process was killed in the middle, in a database of its project', () => {
  let words: Words;
  beforeAll(async () => {
    words = await Words.make({ hasOwnDatabase: true });
  });
  afterAll(() => words.remove());

  it('ends when it is asked for again: what was complete is found, the rest is computed', async () => {
    // One book waits for a word from outside.
    await words.edit('tasks.ts', (text) =>
      text
        .replace(
          "from 'weir';",
          "from 'weir';\nimport { existsSync, writeFileSync } from 'node:fs';\nimport { fileURLToPath } from 'node:url';\nconst at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));",
        )
        .replace(
          'run: async ({ inputs, log }) => {',
          "run: async ({ params, inputs, log }) => {\n    if (params.book === 'dusk') {\n      writeFileSync(at('waiting'), '');\n      while (!existsSync(at('go'))) await new Promise((resolve) => setTimeout(resolve, 20));\n    }",
        ),
    );
    const first = spawnWeir({ cwd: words.folder, command: [...WEIR, 'run', 'count'] });
    await eventually('the book that waits', async () =>
      readFile(path.join(words.folder, 'waiting')).catch(() => undefined),
    );
    await first.kill();
    await writeFile(path.join(words.folder, 'go'), '');
    const told = await words.run();
    expect(told.state).toBe('succeeded');
    const read = told.taskRuns.find(({ task, params }) => task === 'read-book' && params.book === 'dusk');
    expect(read?.state).toBe('cached');
    expect(statesOf(await words.run())).toEqual(ALL_CACHED);
    const { out } = await words.weir('explain', 'report(books=["dawn","dusk"])');
    expect(out).toContain('is complete');
  });
});

/** What each command is asked beside a Weir that serves, the exit code, and what it prints. */
const ASKED = [
  [['run', 'count'], 0, /succeeded in/],
  [['explain', 'count-words(book=dusk)'], 0, /is complete/],
  [['runs', '--limit', '1'], 0, /succeeded/],
  [['logs', '1', 'count-words(book=dusk)'], 0, /\d+ words/],
  [['cancel', '1'], 1, /had ended/],
  [['result', 'count-words(book=dusk)'], 0, /^words: \d+\n$/],
  [['sources'], 0, /No source was listed yet/],
  [['backfill', 'headlines', '--from', '2026-01-01', '--to', '2026-01-02', '--dry-run'], 0, /1 of 1 interval/],
  [['pause', 'headlines', '--reason', 'holidays'], 0, /headlines is paused/],
  [['resume', 'headlines', '--reason', 'back'], 0, /running on schedule/],
  [['gc', '--dry-run'], 0, /would be removed/],
  [['scrub'], 0, /0 finding/],
  [['verify', 'count-words'], 0, /are equal to what is stored/],
  [['accept', 'count-words', '--reason', 'same', '--dry-run'], 0, /2 complete as they are/],
  [['versions', 'count-words(book=dusk)'], 0, /1 version/],
  [['check', 'poems.csv', '--suggest'], 0, /defineContract/],
  [['profile', 'poems.csv'], 0, /poems.csv: 2 rows/],
  [['split', 'poems.csv', '--into', 'parts', '--files', '2'], 0, /2 rows in 2 file/],
  [['corrupt', 'poems.csv', '--out', 'broken.csv'], 0, /2 rows/],
  [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
] as const;
/** Commands that reach the same things: one of each is started as a process in every run. */
const KINDS: Readonly<Record<(typeof ASKED)[number][0][0], string>> = {
  ...{ run: 'runs', verify: 'runs' },
  ...{ explain: 'looks', runs: 'looks', logs: 'looks', result: 'looks', sources: 'looks', versions: 'looks' },
  ...{ cancel: 'changes', accept: 'changes', backfill: 'changes' },
  // What is not paused cannot be resumed.
  ...{ pause: 'pauses', resume: 'resumes' },
  ...{ gc: 'cleans', scrub: 'cleans' },
  ...{ check: 'files', profile: 'files', split: 'files', corrupt: 'files' },
  '--version': 'itself',
};

describe('a project without a model, served', () => {
  let words: Words;
  let weir: WeirProcess;
  beforeAll(async () => {
    words = await Words.make();
    weir = await startWeir({
      cwd: words.folder,
      command: [...WEIR, 'serve', '--port', '0'],
      env: words.environment,
    });
  });
  afterAll(async () => {
    await weir?.stop();
    await words?.remove();
  });

  // The Weir that serves says where its database is, and runs the tasks.
  const weirHere = (...args: readonly string[]): Promise<Ended> => runWeir(args, words.folder);
  const run = async (): Promise<ToldRun> => toldBy(await weirHere('run', 'count', '--json'));
  const writePoems = async (): Promise<void> => {
    // A split replaces no file, and each command is asked twice.
    await rm(path.join(words.folder, 'parts'), { recursive: true, force: true });
    await writeFile(path.join(words.folder, 'poems.csv'), 'title,lines\nDawn,14\nDusk,12\n');
  };
  const ask = async (
    method: 'GET' | 'POST',
    at: string,
  ): Promise<{ readonly status: number; readonly body: unknown }> => {
    const answer = await fetch(new URL(at, weir.url), { method });
    return { status: answer.status, body: await answer.json() };
  };

  it('has none of the pipelines of a model, and says that there is nothing to predict', async () => {
    const project = projectAnswer.parse((await ask('GET', '/api/project')).body);
    expect(project).toMatchObject({ name: 'almanac', hasModel: false });
    expect(project.pipelines.map(({ name }) => name)).toEqual(['cleanup', 'count', 'some', 'print', 'headlines']);
    expect(project.pipelines.map(({ needsParams }) => needsParams)).toEqual([false, false, true, false, false]);
    expect(project.pipelines[2]?.takes).toBe('books (list of string), limit (integer, 10 when absent)');
    expect(await ask('GET', '/api/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const contract = await ask('GET', '/api/contract');
    expect(contract.status).toBe(404);
    expect(errorBody.parse(contract.body).code).toBe('model_absent');
  });

  it('is asked by the command line, which explains and changes beside it', async () => {
    const told = await run();
    expect(told.state).toBe('succeeded');
    expect(await weirHere('explain', 'count-words(book=dusk)')).toMatchObject({ code: 0 });
    const paused = await weirHere('pause', 'headlines', '--reason', 'holidays', '--by', 'ann');
    expect(paused).toMatchObject({ code: 0, out: 'headlines is paused\n' });
    expect((await weirHere('pause', 'headlines', '--reason', 'again')).code).toBe(1);
    expect((await weirHere('resume', 'headlines', '--reason', 'back')).code).toBe(0);
    const collected = await weirHere('gc', '--dry-run', '--json');
    expect(collected.code, collected.err).toBe(0);
    expect(JSON.parse(collected.out)).toMatchObject({ isDryRun: true, items: [] });
    expect(await weirHere('scrub')).toMatchObject({ code: 0, out: expect.stringContaining('0 findings') });
    const verified = await weirHere('verify', 'count-words', '--json');
    expect(JSON.parse(verified.out)).toMatchObject({ equal: 2, differing: [], failed: [] });
  });

  // Within this process, from what was built: each loads what it needs when it is called.
  it.each(ASKED)('answers %j', async (args, code, answer) => {
    await writePoems();
    const ended = await weirHere(...args);
    expect({ code: ended.code, err: ended.err }).toEqual({ code, err: '' });
    expect(ended.out).toMatch(answer);
  });

  // One command of each kind in every run; what a process adds is the same for all of a kind.
  it.each(chooseKills(ASKED, { test: 'commands as processes', extra: 0, pointOf: ([[command]]) => KINDS[command] }))(
    'is asked by a process of its own: %j',
    async (args, code, answer) => {
      await writePoems();
      const ended = await spawnCommand(args, words.folder);
      expect({ code: ended.code, err: ended.err }).toEqual({ code, err: '' });
      expect(ended.out).toMatch(answer);
    },
  );

  it('says to a process of its own what it expected', async () => {
    const ended = await spawnCommand(['run', 'sing'], words.folder);
    expect({ code: ended.code, out: ended.out }).toEqual({ code: 64, out: '' });
    expect(ended.err).toMatch(/sing/);
  });

  it('loads the code on disk before a run of the command line', async () => {
    await words.edit('words.ts', (text) => text.replace('\\s+', '[ ,.]+'));
    expect(statesOf(await run())).toEqual({ ...ALL_CACHED, 'count-words': 'succeeded succeeded', report: 'succeeded' });
  });

  it('is asked with params and force as a process of its own is', async () => {
    const forced = JSON.parse((await weirHere('run', 'read-book(book=dawn)', '--force', '--json')).out);
    expect(forced).toMatchObject({ pipeline: 'goals', isForced: true, taskRuns: [{ state: 'succeeded' }] });
    const told = JSON.parse((await weirHere('run', 'some', '--param', 'books=["dawn"]', '--json')).out);
    expect(told).toMatchObject({ state: 'succeeded', params: { books: ['dawn'] }, isForced: false });
    const refused = await weirHere('run', 'some', '--param', 'limit=1');
    expect(refused).toMatchObject({ code: 64, err: expect.stringContaining('It takes books (list of string)') });
  });

  it('tries an ended run again, and finds everything there', async () => {
    const first = await run();
    const retried = await ask('POST', `/api/runs/${first.runId}/retry`);
    expect(retried.status).toBe(200);
    const { runId } = retried.body as { readonly runId: string };
    const ended = await eventually('the end of the retry', async () => {
      const found = runDetail.parse((await ask('GET', `/api/runs/${runId}`)).body);
      return found.endedAt === null ? undefined : found;
    });
    expect(ended).toMatchObject({ state: 'succeeded', trigger: 'retry' });
    expect(statesOf(ended)).toEqual(ALL_CACHED);
    expect(ended.taskRuns[0]?.why).toMatchObject({ differences: [], from: { isAccepted: false } });
  });
});
