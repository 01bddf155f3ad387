import type { ProcessExecutorOptions } from '#engine';
import { isS3Address } from '#store';
import type { Config, Environment } from '../project/config.ts';
import { configuredChannels } from './alert-routes.ts';

/** The first message from the parent to a process that runs tasks. */
export interface WorkerStart {
  readonly projectFolder: string;
  /** The settings, without what only the parent needs: addresses of alert channels and of the database. */
  readonly config: Config;
  /** The build of `project.ts`, and the index of its tasks' code: the child runs exactly what the parent hashed. */
  readonly projectModule: string;
  readonly codeIndex: string;
  readonly databaseUrl: string;
  readonly apiUrl: string;
}

/** Replaces an address that tasks must not see. */
const HIDDEN = 'https://hidden.invalid';

/**
 * Settings for the processes of tasks. Addresses of alert channels are hidden, but not which channels exist, because a
 * task records what is to be sent. Named connections stay: tasks read and write there.
 */
export function withoutSecrets(config: Config): Config {
  const hidden = configuredChannels(config).map(({ name, criticality, kinds }) => [
    name,
    // Made of what is safe instead of without what is not: a new setting of a channel may be a secret too.
    { kind: 'webhook' as const, url: HIDDEN, secret: '', criticality, kinds },
  ]);
  return {
    ...config,
    alerts: { ...config.alerts, teamsUrl: '', webhookUrl: '', channels: Object.fromEntries(hidden) },
    database: { ...config.database, url: '' },
    lineage: { ...config.lineage, apiKey: '' },
    engine: withoutKeyOfTransport(config.engine),
    ...(usesBuckets(config) ? {} : { s3: { ...config.s3, secretAccessKey: '', sessionToken: '' } }),
  };
}

const withoutKeyOfTransport = (engine: Config['engine']): Config['engine'] => ({
  ...engine,
  remote: { ...engine.remote, temporal: { ...engine.remote.temporal, apiKey: '' } },
});

const usesBuckets = ({ artifacts, folders }: Config): boolean =>
  artifacts !== '' || Object.values(folders).some(isS3Address);

/** The variables, besides the usual ones, that the processes of tasks get; those of AWS when they open buckets. */
export function namedVariables(config: Config): readonly string[] {
  return [...config.engine.environment, ...(usesBuckets(config) ? ['AWS_*'] : [])];
}

/**
 * Variables that programs usually need, and those that Windows requires. Upper case, because Windows ignores case. Not
 * all names that start with NODE_ are included: one of them holds the token of a registry.
 */
const USUAL: readonly RegExp[] = [
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|HOSTNAME|TMPDIR|TEMP|TMP|TZ|TZDIR|LANG|LANGUAGE|LC_\w+|XDG_\w+)$/,
  /^(?:TERM|COLORTERM|NO_COLOR|FORCE_COLOR|CI|LD_LIBRARY_PATH|DYLD_(?:FALLBACK_)?LIBRARY_PATH)$/,
  /^(?:(?:HTTPS?|ALL|NO)_PROXY|(?:NIX_)?SSL_CERT_(?:FILE|DIR)|(?:CURL|REQUESTS|AWS)_CA_BUNDLE|OPENSSL_CONF)$/,
  /^(?:NODE_(?:OPTIONS|PATH|ENV|EXTRA_CA_CERTS|TLS_REJECT_UNAUTHORIZED|USE_(?:ENV_PROXY|SYSTEM_CA)|DEBUG|NO_WARNINGS|DISABLE_COLORS|COMPILE_CACHE|ICU_DATA|V8_COVERAGE)|UV_THREADPOOL_SIZE|WEIR_ENV)$/,
  /^(?:SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAM\w+|NUMBER_OF_PROCESSORS)$/,
];

/**
 * The environment of the processes that run tasks: the usual variables and those that the settings name. Others may be
 * secrets of Weir or of its user, which a task, or a package it uses, must not see.
 */
export function workerEnvironment(environment: Environment, named: readonly string[]): Record<string, string> {
  const isNamed = (name: string): boolean =>
    named.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && (isUsual(entry[0]) || isNamed(entry[0])),
    ),
  );
}

function isUsual(name: string): boolean {
  const upper = name.toUpperCase();
  return USUAL.some((names) => names.test(upper));
}

export interface ChildrenOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly start: WorkerStart;
}

/** How the processes that run tasks are started, by a server or a worker. */
export function childrenOf({ config, environment, start }: ChildrenOptions): Omit<ProcessExecutorOptions, 'slots'> {
  return {
    entry: new URL(`../worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
    env: workerEnvironment(environment, namedVariables(config)),
    start,
    ...(config.engine.strict === 'off' ? {} : { strict: config.engine.strict }),
  };
}
