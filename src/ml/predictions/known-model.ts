import type { Queryable } from '#store';
import { MlError } from '../errors.ts';
import { parseModel } from './past-query.ts';

const VERSIONS_NAMED_MAX = 10;

/**
 * Throws an MlError `model_unknown` for a model that neither the registry nor a prediction has, so that a mistyped one
 * does not look like one without predictions. It reads no predictions: a probe of an index finds out.
 */
export async function assertModelKnown(queryable: Queryable, model: string): Promise<void> {
  const { name, version } = parseModel(model);
  const versions = await queryable.query<{ version: number }>(
    'select version from model_versions where model = $1 order by version desc',
    [name],
  );
  if (versions.some((known) => version === undefined || known.version === version)) return;
  const [predicted] = await queryable.query(
    'select from predictions where model = $1 and ($2::integer is null or model_version = $2::integer) limit 1',
    [name, version ?? null],
  );
  if (predicted !== undefined) return;
  const known = versions.slice(0, VERSIONS_NAMED_MAX).map((one) => `${name}@${one.version}`);
  throw new MlError(
    'model_unknown',
    `There is no model ${JSON.stringify(model)}. Expected ${known.length === 0 ? 'the name of a model, such as churn, or of a version, such as churn@3' : `${name} or one of ${known.join(', ')}`}.`,
  );
}
