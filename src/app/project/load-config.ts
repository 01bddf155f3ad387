import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { maybeNearestName, parseYaml } from '#store';
import { type Config, configSchema, type Environment } from './config.ts';
import { UsageError } from './errors.ts';
import { maybeSchemaAt } from './list-settings.ts';
import { problemsOf } from './setting-problems.ts';

type Settings = { [name: string]: unknown };

const PREFIX = 'WEIR_';

/** Variables with a name of their own; every other `WEIR_…` is a setting by its path. */
export const VARIABLES: Readonly<Record<string, { readonly setting?: string; readonly description: string }>> = {
  WEIR_PROJECT: { description: 'Folder of the project, for commands without `--project`.' },
  WEIR_ENV: {
    description: 'The environment: `config/<environment>.yaml` is read after `config/base.yaml`; `dev` unless set.',
  },
  WEIR_HOST: { setting: 'WEIR_SERVER__HOST', description: 'Short for `WEIR_SERVER__HOST`.' },
  WEIR_PORT: { setting: 'WEIR_SERVER__PORT', description: 'Short for `WEIR_SERVER__PORT`.' },
  DATABASE_URL: { setting: 'WEIR_DATABASE__URL', description: 'Short for `WEIR_DATABASE__URL`.' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    setting: 'WEIR_TRACING__ENDPOINT',
    description: 'Short for `WEIR_TRACING__ENDPOINT`.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: { setting: 'WEIR_TRACING__HEADERS', description: 'Short for `WEIR_TRACING__HEADERS`.' },
  OTEL_SERVICE_NAME: { setting: 'WEIR_TRACING__SERVICE_NAME', description: 'Short for `WEIR_TRACING__SERVICE_NAME`.' },
};

/**
 * Reads `config/base.yaml`, then `config/<environment>.yaml`, then variables such as `WEIR_SERVER__PORT`; the later wins.
 * A port of the command line wins over all. Throws a UsageError that names the file or variable and the path of each
 * wrong setting.
 */
export async function loadConfig(
  projectFolder: string,
  environment: Environment,
  { port }: { readonly port?: number | undefined } = {},
): Promise<Config> {
  const name = environment.WEIR_ENV || 'dev';
  const [baseFile = '', layerFile = ''] = configFiles(projectFolder, environment);
  const base = await readSettings(baseFile, { required: false });
  const layer = await readSettings(layerFile, { required: name !== 'dev' });
  const settings = merge(merge(base, layer), settingsFromVariables(environment));
  const parsed = configSchema.safeParse(settings);
  if (parsed.success) {
    const { server, ...rest } = parsed.data;
    return { ...rest, server: port === undefined ? server : { ...server, port } };
  }
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, environment)).join('\n  ');
  throw new UsageError(
    'config_invalid',
    `The configuration of ${projectFolder} (environment ${name}) is not valid:\n  ${problems}`,
  );
}

/** The files of settings, the later over the earlier; either may be missing. */
export function configFiles(projectFolder: string, environment: Environment): readonly string[] {
  const names = ['base', environment.WEIR_ENV || 'dev'];
  return names.map((name) => path.join(projectFolder, 'config', `${name}.yaml`));
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
  try {
    const parsed: unknown = parseYaml(text) ?? {};
    if (isSettings(parsed)) return parsed;
  } catch (error) {
    // Its first line says what and where; the others show the text, which may hold a password.
    if (error instanceof Error && error.name === 'YAMLParseError')
      throw new UsageError('config_invalid', `${file} is not valid YAML: ${error.message.split('\n')[0]}`);
    throw error;
  }
  throw new UsageError('config_invalid', `${file} must hold a mapping of settings, such as "server:\\n  port: 8080".`);
}

/** `WEIR_ALERTS__TEAMS_URL=…` becomes `{ alerts: { teamsUrl: … } }`; values are read as YAML scalars, where no string is asked for. */
function settingsFromVariables(environment: Environment): Settings {
  let settings: Settings = {};
  for (const [variable, text] of Object.entries(environment)) {
    const keys = keysOf(variable);
    if (keys === undefined || text === undefined) continue;
    settings = merge(
      settings,
      keys.reduceRight<unknown>((value, key) => ({ [key]: value }), scalar(text, keys)) as Settings,
    );
  }
  return settings;
}

function keysOf(variable: string): readonly string[] | undefined {
  const own = Object.hasOwn(VARIABLES, variable) ? VARIABLES[variable] : { setting: variable };
  const name = own?.setting;
  if (!name?.startsWith('WEIR_')) return undefined;
  return name.slice('WEIR_'.length).split('__').map(toCamelCase);
}

function scalar(text: string, keys: readonly string[]): unknown {
  const [isFlag, isNumber] = [text === 'true' || text === 'false', /^-?\d+(\.\d+)?$/.test(text)];
  // A password may consist of digits.
  if ((!isFlag && !isNumber) || maybeSchemaAt(keys)?.type === 'string') return text;
  return isFlag ? text === 'true' : Number(text);
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
  return problemsOf(issue)
    .map(({ path: at, problem, nearest }) => {
      const variable = maybeVariable(at, environment);
      const isUnknown = issue.code === 'unrecognized_keys';
      const meant = variable === undefined || !isUnknown ? nearest : maybeMeantVariable(variable, nearest);
      const hint = meant === undefined ? '' : `. Did you mean ${meant}?`;
      return `${at.join('.')}${variable === undefined ? '' : ` (from ${variable})`}: ${problem}${hint}`;
    })
    .join('\n  ');
}

/** The variable that was meant: one with a name of its own, or that of the setting that was meant. */
function maybeMeantVariable(variable: string, setting: string | undefined): string | undefined {
  // Without what all begin with, by which any two would be alike.
  const own = Object.keys(VARIABLES).flatMap((name) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
  const nearest = maybeNearestName(variable.slice(PREFIX.length), own);
  if (nearest !== undefined) return `${PREFIX}${nearest}`;
  return setting && `${PREFIX}${setting.split('.').map(toVariableCase).join('__')}`;
}

const toVariableCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The variable of the environment that a setting, or something below it, came from. */
function maybeVariable(at: readonly PropertyKey[], environment: Environment): string | undefined {
  const wanted = `${at.map(String).join('.')}.`;
  return Object.keys(environment).find((variable) => `${keysOf(variable)?.join('.')}.`.startsWith(wanted));
}
