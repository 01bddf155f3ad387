import { type Alias, type ListedModel, listModels, modelCard, type Promoted, promote, rollBack } from '#ml';
import type { Database } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf, type ChangeFlags } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';

const PROMOTIONS_SHOWN_MAX = 10;
const METRICS_SHOWN_MAX = 2;

/** Lists the versions of the project's model and its last promotions. */
export async function showModels(options: InProject<ProjectFlags>): Promise<number> {
  const listed = await withModel(options, (model, { wiring }) => listModels(wiring.database, model));
  options.print(options.json ? `${JSON.stringify(listed)}\n` : printable(toText(listed)));
  return EXIT_CODES.done;
}

/** Prints what a person should know of a version before they rely on it. */
export async function showCard(version: number, options: InProject<ProjectFlags>): Promise<number> {
  const card = await withModel(options, (model, { wiring: { database, artifacts } }) =>
    modelCard(database, artifacts, { model, version }),
  );
  options.print(options.json ? `${JSON.stringify({ version, card })}\n` : card);
  return EXIT_CODES.done;
}

/** Points an alias to a version. Exit code 1 when it did already. */
export async function promoteVersion(
  version: number,
  options: InProject<ChangeFlags> & { readonly alias: Alias },
): Promise<number> {
  const { alias, by, reason, json, print } = options;
  const promotion = await withModel(options, (model, { wiring: { database } }) =>
    onRecord(
      database,
      {
        ...{ action: alias === 'champion' ? 'promoteVersion' : 'challengeVersion', ...{ by, reason } },
        ...{
          target: `version=${version}`,
          state: versionUnder(model, alias),
          isChange: (done: Promoted) => done.isChanged,
        },
      },
      (inside) => promote(inside, { model, version, alias, actor: actorOf(by), reason }),
    ),
  );
  print(json ? `${JSON.stringify(promotion)}\n` : sentenceOf(promotion));
  return promotion.isChanged ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** Makes the champion of before the last promotion champion again. */
export async function rollBackChampion(options: InProject<ChangeFlags>): Promise<number> {
  const { by, reason, json, print } = options;
  const promotion = await withModel(options, (model, { wiring: { database } }) =>
    onRecord(database, { action: 'rollBackModel', by, reason, state: versionUnder(model, 'champion') }, (inside) =>
      rollBack(inside, { model, alias: 'champion', actor: actorOf(by), reason }),
    ),
  );
  print(json ? `${JSON.stringify(promotion)}\n` : sentenceOf({ ...promotion, isChanged: true }));
  return EXIT_CODES.done;
}

/** What the audit log keeps of an alias: the version that has it. */
const versionUnder = (model: string, alias: Alias) => async (database: Database) => {
  const { versions } = await listModels(database, model);
  return { [alias]: versions.find(({ aliases }) => aliases.includes(alias))?.version ?? null };
};

/** Works on the model of the project; refused where it has none. */
export function withModel<T>(
  options: InProject<ProjectFlags>,
  work: (model: string, opened: OpenedProject) => Promise<T>,
): Promise<T> {
  return withProject('project', options, (opened) => {
    const { name, contract } = opened.wiring.project;
    if (contract === undefined)
      throw new UsageError('contract_missing', `Project ${name} has no model: its project.ts names no contract.`);
    return work(name, opened);
  });
}

function sentenceOf({ model, version, alias, previous, isChanged }: Promoted): string {
  if (!isChanged) return `${model}@${version} is already ${alias}\n`;
  return `${model}@${version} is now ${alias}${previous === null ? '' : `; before, it was ${model}@${previous}`}\n`;
}

function toText({ model, versions, promotions }: ListedModel): string {
  if (versions.length === 0) return `Model ${model} has no version yet: weir run train makes the first\n`;
  const shown = promotions.slice(0, PROMOTIONS_SHOWN_MAX);
  const more = promotions.length - shown.length;
  return [
    ...versions.map(versionLine),
    ...(shown.length === 0 ? [] : ['Promotions, newest first:\n']),
    ...shown.map(
      ({ at, alias, previous, version, actor, reason }) =>
        `  ${at}  ${alias}  ${previous ?? 'none'} to ${version}, by ${actor}: ${reason}\n`,
    ),
    ...(more > 0 ? [`  and ${more} older; --json lists all\n`] : []),
  ].join('');
}

function versionLine({
  model,
  version,
  aliases,
  estimator,
  metrics,
  createdAt,
}: ListedModel['versions'][number]): string {
  const measured = Object.entries(metrics)
    .slice(0, METRICS_SHOWN_MAX)
    .map(([name, { value }]) => `${name} ${value.toFixed(4)}`);
  return `  ${[`${model}@${version}`, createdAt, estimator, ...measured, ...aliases].join('  ')}\n`;
}
