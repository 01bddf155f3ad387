import { compareProfiles, compareRows, type Profile, profileFile } from '#contracts';
import { shortDigest } from '#engine';
import { type DatasetVersion, getDataset, listDatasets } from '#ml';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { Wiring } from '../../../serve/wire.ts';
import { columnLines } from '../../column-lines.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { copyOut } from '../../copy-out.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

export interface DatasetsFlags extends ProjectFlags {
  readonly limit: number;
}

export interface FetchFlags extends ProjectFlags {
  readonly out: string;
}

/** Lists the versions of the project's dataset. */
export async function listVersions(options: InProject<DatasetsFlags>): Promise<number> {
  const found = await withProject('project', options, ({ wiring }) =>
    listDatasets(wiring.database, { model: wiring.project.name, limit: options.limit }),
  );
  options.print(options.json ? `${JSON.stringify({ versions: found })}\n` : listText(found));
  return EXIT_CODES.done;
}

function listText(found: readonly DatasetVersion[]): string {
  if (found.length === 0) return 'No dataset was collected yet: `weir run train` collects one.\n';
  return found.map((each) => `${lineOf(each)}\n`).join('');
}

function lineOf({ version, createdAt, rows, added, removed, changed, trained, runId }: DatasetVersion): string {
  const changes = [
    `${added} new`,
    ...(removed > 0 ? [`${removed} gone`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
  ];
  const models = trained.length === 0 ? '' : `, model ${trained.join(', ')}`;
  return `  ${String(version).padStart(4)}  ${createdAt}  ${rows} rows (${changes.join(', ')}), run ${runId}${models}`;
}

/** Describes one version. */
export async function showVersion(version: number, options: InProject<ProjectFlags>): Promise<number> {
  const { dataset, profile } = await withProject('project', options, async ({ wiring }) => {
    const opened = await open(version, wiring);
    return { dataset: opened.dataset, profile: await profileOf(opened, wiring) };
  });
  options.print(
    options.json
      ? `${JSON.stringify({ dataset, columns: profile.columns })}\n`
      : printable(`${describe(dataset)}${columnLines(profile)}`),
  );
  return EXIT_CODES.done;
}

function describe(dataset: DatasetVersion): string {
  const { version, model, digest, rows, unlabelled, replaced, parts } = dataset;
  return [
    `Dataset ${version} of ${model}, ${rows} rows, digest ${shortDigest(digest)}`,
    lineOf(dataset),
    ...parts.map(
      (part) =>
        `  ${part.rows} rows of ${part.description}${part.files > 0 ? ` (${part.files} ${part.files === 1 ? 'file' : 'files'})` : ''}${part.bad > 0 ? `, ${part.bad} bad ones left out` : ''}`,
    ),
    `  ${unlabelled} rows wait for their label; ${replaced} were replaced by a later row with the same id`,
    '',
  ].join('\n');
}

/** Compares two versions, row by row and column by column. */
export async function compareVersions(
  versions: { readonly before: number; readonly after: number },
  options: InProject<ProjectFlags>,
): Promise<number> {
  const compared = await withProject('project', options, async ({ wiring }) => {
    const [before, after] = [await open(versions.before, wiring), await open(versions.after, wiring)];
    const files = { before: before.file, after: after.file };
    const rows = await compareRows({ contract: contractOf(wiring), ...files, duckdb: wiring.duckdb });
    const changes = compareProfiles(await profileOf(before, wiring), await profileOf(after, wiring));
    return { ...versions, ...rows, changes };
  });
  const { before, after, added, removed, changed, changes } = compared;
  const sentences =
    changes.length === 0 ? ['no column is distributed differently'] : changes.map((each) => each.sentence);
  options.print(
    options.json
      ? `${JSON.stringify(compared)}\n`
      : printable(
          `Dataset ${after} against ${before}: ${added} rows new, ${removed} gone, ${changed} changed\n${sentences.map((each) => `  ${each}\n`).join('')}`,
        ),
  );
  return EXIT_CODES.done;
}

/** Writes the rows of a version to a file. */
export async function fetchVersion(version: number, options: InProject<FetchFlags>): Promise<number> {
  const { out, json, print } = options;
  const { dataset, to } = await withProject('project', options, async ({ wiring }) => {
    const { dataset: found, file } = await open(version, wiring);
    return { dataset: found, to: await copyOut(file, out) };
  });
  print(json ? `${JSON.stringify({ dataset, out: to })}\n` : `${dataset.rows} rows of dataset ${version} → ${to}\n`);
  return EXIT_CODES.done;
}

interface OpenedDataset {
  readonly dataset: DatasetVersion;
  /** Its rows, as a local file. */
  readonly file: string;
}

async function open(version: number, { database, artifacts, project }: Wiring): Promise<OpenedDataset> {
  const dataset = await getDataset(database, { model: project.name, version });
  if ((await artifacts.stat(dataset.digest)) === undefined)
    throw new UsageError(
      'dataset_missing',
      `The rows of dataset ${version} are no longer in the artifact store. The numbers of it are kept; train again to collect a new version.`,
    );
  return { dataset, file: await artifacts.localPath(dataset.digest) };
}

const profileOf = ({ dataset, file }: OpenedDataset, wiring: Wiring): Promise<Profile> =>
  profileFile({
    ...{ path: file, name: `dataset ${dataset.version}`, contract: contractOf(wiring), duckdb: wiring.duckdb },
  });

function contractOf({ project }: Wiring) {
  if (project.contract !== undefined) return project.contract;
  throw new UsageError('usage_invalid', `Project ${project.name} has no model, so it has no dataset.`);
}
