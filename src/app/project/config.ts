import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isDatabaseUrl } from './database-url.ts';
import { UsageError } from './errors.ts';

const cron = z.string().min(1).max(100).describe('five or six cron fields, or off');

const count = z.int().min(1).max(10_000);
/** Cron fields alone, or with what is to happen to ticks that were missed or that find a run in progress. */
const schedule = z.union([
  cron,
  z.strictObject({
    cron,
    /** Instead of that of all schedules. */
    timeZone: z.string().optional(),
    catchUp: z.union([z.enum(['none', 'latest', 'all']), z.strictObject({ atMost: count })]).optional(),
    overlap: z.enum(['skip', 'queue', 'replace']).optional(),
  }),
]);

/** Empty, or the address of a PostgreSQL, whose password must not reach into what is taken for its host or database. */
const databaseUrl = z
  .string()
  .default('')
  .refine(
    isDatabaseUrl,
    'expected postgres://<user>:<password>@<host>:<port>/<database>, with each of @ : / ? # % in user and password percent-encoded (@ is %40)',
  );

const connection = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('postgres'),
    /** Empty: the database that keeps Weir's own state. */
    url: databaseUrl,
  }),
]);

/** Every setting, with its default. An unknown key is an error. */
export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8080),
      /** Address people reach the web app at, for links in alerts. Empty: the host and port it listens on. */
      publicUrl: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info') }).prefault({}),
  database: z
    .strictObject({
      /** Empty: an embedded PostgreSQL in the state folder. */
      url: databaseUrl,
    })
    .prefault({}),
  state: z.strictObject({ folder: z.string().default('.weir') }).prefault({}),
  folders: z
    .strictObject({
      raw: z.string().default('raw-data'),
      good: z.string().default('good-data'),
      bad: z.string().default('bad-data'),
    })
    .prefault({}),
  connections: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), connection).default({}),
  engine: z
    .strictObject({
      executor: z.enum(['process', 'inline']).default('process'),
      slots: z.int().min(1).max(64).default(3),
      /** Variables that the processes of tasks get beside the usual ones; `AWS_*` is all that begin so. */
      environment: z.array(z.string().regex(/^\w+\*?$/)).default([]),
      /** Sizes of the pools that tasks name, in units. */
      pools: z.record(z.string().min(1), z.int().min(1)).default({}),
      /** How large a run may become, against recursion without end. */
      limits: z
        .strictObject({
          goals: z.int().min(1).default(1_000_000),
          /** Of a chain of inputs in a plan. */
          plannedDepth: z.int().min(1).default(100_000),
          /** Of a chain of goals that are found while a run goes on. */
          foundDepth: z.int().min(1).default(10_000),
        })
        .prefault({}),
    })
    .prefault({}),
  duckdb: z
    .strictObject({
      /** Of its buffers. Each DuckDB process may take 256 MB more for the rest, and is ended beyond. */
      memoryLimitMb: z.int().min(64).default(1024),
      threads: z.int().min(1).max(256).default(2),
    })
    .prefault({}),
  schedules: z
    .object({
      timeZone: z.string().default('UTC'),
      ingest: schedule.default('* * * * *'),
      predict: schedule.default('*/2 * * * *'),
      train: schedule.default('0 3 * * *'),
      feed: schedule.default('off'),
      cleanup: schedule.default('30 4 * * *'),
    })
    // The project's own pipelines, by name; `schedulesOf` knows which there are.
    .catchall(schedule)
    .prefault({}),
  /** How long things are kept, in days; 0 keeps them for ever. */
  cleanup: z
    .strictObject({
      /** Since the run ended. The last run of each pipeline and pinned ones stay. */
      runDays: z.number().min(0).default(90),
      predictionDays: z.number().min(0).default(365),
      /** Since a run last made or found the result. */
      unusedDays: z.number().min(0).default(90),
      /** The same, of results that a newer one replaced. */
      supersededDays: z.number().gt(0).default(30),
      /** What was stored, or became removable, less than this long ago stays in any case. */
      graceHours: z.number().min(1).default(24),
    })
    .prefault({}),
  training: z
    .strictObject({
      testShare: z.number().gt(0).lt(1).default(0.25),
      seed: z.int().min(0).default(1),
      /** A new version becomes champion unless its main metric is worse than the champion's by more than this. */
      tolerance: z.number().min(0).default(0.01),
    })
    .prefault({}),
  feed: z
    .strictObject({
      /** A CSV file, relative to the state folder, replayed into raw-data as if it were arriving. Empty: no feed. */
      file: z.string().default(''),
      files: z.int().min(1).max(100_000).default(100),
      /** Share of arriving files that get errors injected, and share of the cells' rows inside them. */
      corruptFiles: z.number().min(0).max(1).default(0.4),
      corruptRows: z.number().min(0).max(1).default(0.2),
      /** Nothing is fed while raw-data holds this many files. */
      backlogMax: z.int().min(1).default(20),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      /** Secrets: better set by environment variable than in a file. */
      teamsUrl: z.union([z.literal(''), z.url()]).default(''),
      webhookUrl: z.union([z.literal(''), z.url()]).default(''),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;
type Settings = { [name: string]: unknown };

/** What surrounds the process, as `main` read it. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** Variables that are not settings by path, or are short names for one. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    WEIR_PORT: 'WEIR_SERVER__PORT',
    WEIR_HOST: 'WEIR_SERVER__HOST',
    DATABASE_URL: 'WEIR_DATABASE__URL',
  }),
);
const RESERVED = new Set(['WEIR_ENV', 'WEIR_PROJECT']);

/**
 * Reads `config/base.yaml`, then `config/<environment>.yaml`, then variables such as `WEIR_SERVER__PORT`; the later wins.
 * Throws a UsageError that names the file or variable and the path of each wrong setting.
 */
export async function loadConfig(projectFolder: string, environment: Environment): Promise<Config> {
  const name = environment.WEIR_ENV || 'dev';
  const base = await readSettings(path.join(projectFolder, 'config', 'base.yaml'), { required: false });
  const layer = await readSettings(path.join(projectFolder, 'config', `${name}.yaml`), { required: name !== 'dev' });
  const settings = merge(merge(base, layer), settingsFromVariables(environment));
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, environment)).join('\n  ');
  throw new UsageError(
    'config_invalid',
    `The configuration of ${projectFolder} (environment ${name}) is not valid:\n  ${problems}`,
  );
}

async function readSettings(file: string, { required }: { readonly required: boolean }): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!required && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new UsageError(
      'config_invalid',
      `Could not read ${file}. Create it, or set WEIR_ENV to an environment that has one.`,
      {
        cause: error,
      },
    );
  }
  const yaml = await import('yaml');
  try {
    const parsed: unknown = yaml.parse(text) ?? {};
    if (isSettings(parsed)) return parsed;
  } catch (error) {
    // Its first line says what and where; the others show the text, which may hold a password.
    if (error instanceof yaml.YAMLParseError)
      throw new UsageError('config_invalid', `${file} is not valid YAML: ${error.message.split('\n')[0]}`);
    throw error;
  }
  throw new UsageError('config_invalid', `${file} must hold a mapping of settings, such as "server:\\n  port: 8080".`);
}

/** `WEIR_ALERTS__TEAMS_URL=…` becomes `{ alerts: { teamsUrl: … } }`; values are read as YAML scalars. */
function settingsFromVariables(environment: Environment): Settings {
  let settings: Settings = {};
  for (const [variable, text] of Object.entries(environment)) {
    const keys = keysOf(variable);
    if (keys === undefined || text === undefined) continue;
    settings = merge(settings, keys.reduceRight<unknown>((value, key) => ({ [key]: value }), scalar(text)) as Settings);
  }
  return settings;
}

function keysOf(variable: string): readonly string[] | undefined {
  const name = SHORT_NAMES.get(variable) ?? variable;
  if (!name.startsWith('WEIR_') || RESERVED.has(name)) return undefined;
  return name.slice('WEIR_'.length).split('__').map(toCamelCase);
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

const toCamelCase = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(under: Settings, over: Settings): Settings {
  // What objects inherit is no setting, and a key must not change what they inherit.
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isSettings(below) && isSettings(value) ? merge(below, value) : value);
  }
  return Object.fromEntries(merged);
}

function describeIssue(issue: z.core.$ZodIssue, environment: Environment): string {
  const describe = (at: readonly PropertyKey[], problem: string): string => {
    const variable = maybeVariable(at, environment);
    return `${at.join('.')}${variable === undefined ? '' : ` (from ${variable})`}: ${problem}`;
  };
  if (issue.code !== 'unrecognized_keys') return describe(issue.path, issue.message);
  const known = knownSettings(issue.path).join(', ');
  return issue.keys.map((key) => describe([...issue.path, key], `unknown setting; known here: ${known}`)).join('\n  ');
}

/** The variable of the environment that a setting, or something below it, came from. */
function maybeVariable(at: readonly PropertyKey[], environment: Environment): string | undefined {
  const wanted = `${at.map(String).join('.')}.`;
  return Object.keys(environment).find((variable) => `${keysOf(variable)?.join('.')}.`.startsWith(wanted));
}

/** Names of the settings at a path of the schema, for the message about an unknown one. */
function knownSettings(at: readonly PropertyKey[]): readonly string[] {
  let node: unknown = z.toJSONSchema(configSchema, { io: 'input' });
  for (const key of at) node = new Map(Object.entries(propertiesOf(node))).get(String(key));
  return Object.keys(propertiesOf(node));
}

const propertiesOf = (schema: unknown): Settings =>
  isSettings(schema) && isSettings(schema.properties) ? schema.properties : {};
