import type { ArtifactDriver, Queryable } from '#store';
import { MlError } from '../errors.ts';
import { type Explanation, explainRows } from '../explanations/explain-rows.ts';
import { parseFittedFeatures } from '../features/define.ts';
import type { FeatureRow, Prediction } from '../prediction.ts';
import { estimatorOf } from './estimators.ts';
import { parseJsonFile, readVerified } from './files.ts';
import { assertGolden, parseGoldenLines, predictRows } from './golden.ts';
import {
  CARD_FILE,
  MANIFEST_FILE,
  MODEL_FILES,
  type ModelManifest,
  parseManifest,
  REFERENCE_FILE,
} from './manifest.ts';

/** A model version. */
export interface ModelReference {
  readonly model: string;
  readonly version: number;
}

/** A model version ready to predict, verified against its golden rows. */
export interface LoadedModel extends ModelReference {
  readonly manifest: ModelManifest;
  predict(rows: readonly FeatureRow[]): Prediction[];
  /** Compares rows with the golden rows: the rows of the test part that are stored with the model. */
  explain(rows: readonly FeatureRow[]): Explanation[];
}

/** Loads a model version: every digest is verified and the golden rows are replayed, or it is refused. */
export async function loadModel(
  queryable: Queryable,
  artifacts: ArtifactDriver,
  { model, version }: ModelReference,
): Promise<LoadedModel> {
  const files = await filesOf(queryable, { model, version });
  const read = (file: string): Promise<Uint8Array> => readVerified(artifacts, { file, digest: files[file] ?? '' });
  const manifest = parseManifest(parseJsonFile(await read(MANIFEST_FILE), MANIFEST_FILE));
  const strange = MODEL_FILES.find((file) => manifest.files[file] !== files[file]);
  if (strange !== undefined || manifest.model !== model) {
    throw new MlError(
      'model_refused',
      `The manifest of ${model}@${version} belongs to other files (${strange ?? manifest.model}).`,
    );
  }
  const fitted = {
    features: parseFittedFeatures(parseJsonFile(await read('features.json'), 'features.json')),
    model: estimatorOf(manifest.estimator.kind, manifest.estimator.settings).load(await read('model.bin')),
  };
  const predict = (rows: readonly FeatureRow[]): Prediction[] => predictRows(fitted, rows);
  const golden = parseGoldenLines(new TextDecoder().decode(await read('golden.jsonl')));
  assertGolden(predict, golden);
  const background = golden.map(({ row }) => row);
  return { model, version, manifest, predict, explain: (rows) => explainRows({ ...fitted, background }, rows) };
}

/** The card of a model version: what a person should know before they rely on it, as Markdown. */
export async function modelCard(
  queryable: Queryable,
  artifacts: ArtifactDriver,
  { model, version }: ModelReference,
): Promise<string> {
  const digest = (await filesOf(queryable, { model, version }))[CARD_FILE] ?? '';
  return new TextDecoder().decode(await readVerified(artifacts, { file: CARD_FILE, digest }));
}

/** What rows and predictions of a version are compared with, as it was registered; undefined when it has none. */
export async function maybeModelReference(
  queryable: Queryable,
  artifacts: ArtifactDriver,
  reference: ModelReference,
): Promise<Uint8Array | undefined> {
  const digest = (await filesOf(queryable, reference))[REFERENCE_FILE];
  return digest === undefined ? undefined : readVerified(artifacts, { file: REFERENCE_FILE, digest });
}

/** Digests of the files of a model version, by name. */
async function filesOf(
  queryable: Queryable,
  { model, version }: ModelReference,
): Promise<Readonly<Record<string, string>>> {
  const [row] = await queryable.query<{ files: Readonly<Record<string, string>> }>(
    'select files from model_versions where model = $1 and version = $2',
    [model, version],
  );
  if (row === undefined) throw unknownVersion({ model, version });
  return row.files;
}

/** Throws `model_unknown` when there is no such version. */
export async function assertVersion(queryable: Queryable, reference: ModelReference): Promise<void> {
  await filesOf(queryable, reference);
}

export function unknownVersion({ model, version }: ModelReference): MlError {
  return new MlError(
    'model_unknown',
    `There is no model version ${model}@${version}. The Models page lists those that exist, and so does: weir models`,
  );
}
