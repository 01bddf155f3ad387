import { type Alias, assertVersion, versionOfAlias } from '#ml';
import { UsageError } from '../../../project/errors.ts';
import type { OpenedProject } from '../../../serve/start-project.ts';

/** The number of a version; null for the champion, which the run looks up. */
export async function versionOf(
  { wiring: { database, project } }: OpenedProject,
  given: string,
): Promise<number | null> {
  const model = project.name;
  if (given === 'champion') return null;
  if (given === 'challenger') {
    const alias: Alias = given;
    const version = await versionOfAlias(database, { model, alias });
    if (version !== undefined) return version;
    throw new UsageError('usage_invalid', `No version of ${model} is challenger. Name a version: --model-version 3.`);
  }
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new UsageError(
      'usage_invalid',
      `Expected --model-version to be a number, champion or challenger; got "${given}".`,
    );
  await assertVersion(database, { model, version: Number(given) });
  return Number(given);
}
