import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  allowReader,
  type ContactPoint,
  dashboardsOf,
  denyReader,
  grafanaFiles,
  grantReader,
  markOf,
  READER,
  readableOf,
  variablesOf,
} from '#monitor';
import { writeFileAtomically } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { alertRulesOf } from '../../../serve/alert-rules.ts';
import { withProject } from '../../../serve/open-project.ts';
import { loadAll } from '../../../serve/start-project.ts';
import { wire } from '../../../serve/wire.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { thenOnRecord } from '../../on-record.ts';

export interface ExportFlags extends ProjectFlags {
  readonly into: string;
  readonly mountedAt: string;
  readonly contactPoints?: readonly ContactPoint[];
  readonly policies?: boolean;
}

/** Writes the files for Grafana; nothing is opened but the project's code. */
export async function exportFiles(options: InProject<ExportFlags>): Promise<number> {
  const { into, mountedAt, contactPoints = [], policies = false, print, json } = options;
  if (policies && contactPoints.length === 0)
    throw new UsageError(
      'usage_invalid',
      'Expected --contact-points <kinds...> with --policies: they say where alerts go.',
    );
  const { project, rules, url } = await readProject(options);
  const files = await grafanaFiles({
    ...{ project, contract: project.contract, dashboards: dashboardsOf(project.contract), rules, url },
    ...{ mountedAt, contactPoints, withPolicies: policies },
  });
  await replaceFiles(into, { files, mark: markOf(project) });
  const variables = [...VARIABLES, ...variablesOf(contactPoints)];
  const names = Object.keys(files);
  print(
    json
      ? `${JSON.stringify({ folder: path.resolve(into), files: names, variables })}\n`
      : printable(
          `${names.length} files in ${into}\n${names.map((name) => `  ${name}\n`).join('')}Grafana needs in its environment:\n${variables.map((name) => `  ${name}\n`).join('')}`,
        ),
  );
  return EXIT_CODES.done;
}

/** Loads the project and what its rules are derived from, and connects to no database. */
async function readProject({ projectFolder, environment }: InProject<ExportFlags>) {
  const config = await loadConfig(projectFolder, environment);
  const paths = pathsOf(projectFolder, config);
  const { project, code } = await loadAll(paths);
  const { host, port, url } = config.server;
  const apiUrl = `http://${host}:${port}`;
  const wiring = await wire({ project, code, paths, config, databaseUrl: config.database.url || NOWHERE, apiUrl });
  try {
    return { project, rules: alertRulesOf(wiring), url: url === '' ? apiUrl : url };
  } finally {
    await wiring.close();
  }
}

/** Nothing is asked of it. */
const NOWHERE = 'postgres://127.0.0.1/weir';

interface Replacing {
  readonly files: Readonly<Record<string, string>>;
  /** What only files of an earlier export of the project say. */
  readonly mark: string;
}

/** Writes the files, and removes those of an earlier export that are no longer among them, and no others. */
async function replaceFiles(folder: string, { files, mark }: Replacing): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomically(file, text);
  }
  for (const below of FOLDERS) {
    const names = await readdir(path.join(folder, below)).catch(() => []);
    for (const name of names.filter((each) => /\.(json|yaml)$/.test(each) && files[`${below}/${each}`] === undefined)) {
      const file = path.join(folder, below, name);
      if ((await readFile(file, 'utf8')).includes(mark)) await rm(file);
    }
  }
}

const FOLDERS = ['dashboards', 'provisioning/dashboards', 'provisioning/datasources', 'provisioning/alerting'];
/** Those of the data source. */
const VARIABLES = ['HOST', 'NAME', 'SSLMODE', 'PASSWORD'].map((name) => `GRAFANA_WEIR_DATABASE_${name}`);

export interface AllowFlags extends ProjectFlags {
  readonly passwordFile: string;
}

const PASSWORD_LENGTH_MIN = 12;
/** What needs no normalisation to be the same password everywhere. */
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Lets the role log in with the password of a file. */
export async function allow(options: InProject<AllowFlags>): Promise<number> {
  const password = await readPassword(options.passwordFile);
  await withProject('project', options, async ({ wiring: { database, project } }) => {
    const change = {
      action: 'weir grafana allow',
      target: `role=${READER}`,
      toAfter: () => ({ canLogIn: true }),
    } as const;
    await thenOnRecord(database, change, async () => {
      await grantReader(database, readableOf(project.contract));
      await allowReader(database, password);
    });
  });
  options.print(
    options.json
      ? `${JSON.stringify({ role: READER, canLogIn: true })}\n`
      : `${READER} can log in with this password\n`,
  );
  return EXIT_CODES.done;
}

/** Lets the role no longer log in. */
export async function deny(options: InProject<ProjectFlags>): Promise<number> {
  const change = {
    action: 'weir grafana deny',
    target: `role=${READER}`,
    toAfter: () => ({ canLogIn: false }),
  } as const;
  await withProject('records', options, ({ database }) => thenOnRecord(database, change, () => denyReader(database)));
  options.print(
    options.json ? `${JSON.stringify({ role: READER, canLogIn: false })}\n` : `${READER} can no longer log in\n`,
  );
  return EXIT_CODES.done;
}

async function readPassword(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      'usage_invalid',
      `Expected a file with the password at ${path.resolve(file)}, and could not read it.`,
      { cause },
    );
  });
  const [password = ''] = text.split(/\r?\n/);
  if (password.length >= PASSWORD_LENGTH_MIN && PRINTABLE_ASCII.test(password)) return password;
  throw new UsageError(
    'usage_invalid',
    `Expected a password of ${PASSWORD_LENGTH_MIN} or more printable ASCII characters as the first line of ${path.resolve(file)}; it has ${password.length}${password.length < PASSWORD_LENGTH_MIN ? '' : ', and others among them'}.`,
  );
}
