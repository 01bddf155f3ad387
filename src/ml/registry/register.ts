import { type ArtifactDriver, type Database, holdArtifacts, type Queryable } from '#store';
import { MlError } from '../errors.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Split } from '../evaluation/split.ts';
import { featureColumns } from '../features/columns.ts';
import type { FittedFeatures } from '../features/features.ts';
import type { Label } from '../features/labels.ts';
import { toCard } from './card.ts';
import { estimatorOf, tieRuleOf } from './estimators.ts';
import { assertGolden, type GoldenRow, predictRows, toGoldenLines } from './golden.ts';
import { MANIFEST_FILE, type ModelFile, type ModelManifest, parseManifest, REFERENCE_FILE } from './manifest.ts';

/** A fitted model with its metadata. */
export interface Registration {
  readonly model: string;
  readonly estimator: { readonly kind: string; readonly settings: unknown };
  /** What `Model.payload` gave. */
  readonly payload: Uint8Array;
  readonly features: FittedFeatures;
  readonly label: Label;
  readonly evaluation: Evaluation;
  readonly golden: readonly GoldenRow[];
  /** What later rows and predictions are compared with, to find drift; the registry does not look into it. */
  readonly reference?: Uint8Array;
  readonly trainedOn: { readonly datasetVersion: string; readonly rows: number; readonly split?: Split };
  readonly codeKey: string;
  /** Key of the fit: registering twice under one key registers once. */
  readonly trainingKey: string;
  /** The run that trained it. */
  readonly runId?: string;
}

export interface Registered {
  readonly model: string;
  readonly version: number;
  /** False when this training key was registered before. */
  readonly created: boolean;
}

/** Stores a model version as files and gives it the next number. Replays its golden rows first, through the stored form. */
export async function registerModel(
  database: Database | Queryable,
  artifacts: ArtifactDriver,
  registration: Registration,
): Promise<Registered> {
  const estimator = estimatorOf(registration.estimator.kind, registration.estimator.settings);
  const model = estimator.load(registration.payload);
  assertSameLabel(model.label, registration);
  assertGolden((rows) => predictRows({ model, features: registration.features }, rows), registration.golden);
  const { manifest, files } = await putFiles(artifacts, { ...registration, settings: estimator.settings });
  const record = async (queryable: Queryable): Promise<Registered> => {
    await assertStored(queryable, { artifacts, files });
    const registered = await insertVersion(queryable, { manifest, files, runId: registration.runId });
    const reference = files[REFERENCE_FILE];
    if (!registered.created && reference !== undefined)
      await addReference(queryable, { artifacts, reference, ...registered });
    return registered;
  };
  return 'transaction' in database ? database.transaction(record) : record(database);
}

function assertSameLabel(found: unknown, { label }: Registration): void {
  if (JSON.stringify(found) === JSON.stringify(label.label)) return;
  throw new MlError(
    'model_refused',
    `The payload predicts ${JSON.stringify(found)}, and the registration has ${JSON.stringify(label.label)}.`,
  );
}

async function putFiles(
  artifacts: ArtifactDriver,
  { settings, payload, golden, reference, ...rest }: Registration & { readonly settings: unknown },
): Promise<{ manifest: ModelManifest; files: Readonly<Record<string, string>> }> {
  const { model, estimator, label, features, trainedOn, codeKey, trainingKey, evaluation } = rest;
  const described = {
    format: 1,
    model,
    estimator: { kind: estimator.kind, settings },
    tieRule: tieRuleOf(estimator.kind),
    label,
    features: featureColumns(features),
    trainedOn,
    codeKey,
    trainingKey,
    evaluation,
  };
  const put = (content: Uint8Array | string): Promise<string> => putFile(artifacts, content);
  const draft = parseManifest({ ...described, files: EMPTY_FILES });
  const more: Readonly<Record<string, string>> =
    reference === undefined ? {} : { [REFERENCE_FILE]: await put(reference) };
  const files = {
    'model.bin': await put(payload),
    'features.json': await put(JSON.stringify(features)),
    'golden.jsonl': await put(toGoldenLines(golden)),
    'card.md': await put(toCard(draft)),
    ...more,
  };
  const manifest = { ...draft, files };
  return { manifest, files: { ...files, [MANIFEST_FILE]: await put(manifestText(manifest)) } };
}

const manifestText = (manifest: ModelManifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

async function putFile(artifacts: ArtifactDriver, content: Uint8Array | string): Promise<string> {
  return (await artifacts.put(typeof content === 'string' ? new TextEncoder().encode(content) : content)).digest;
}

const NO_DIGEST = '0'.repeat(64);
const EMPTY_FILES: Record<ModelFile, string> = {
  'model.bin': NO_DIGEST,
  'features.json': NO_DIGEST,
  'golden.jsonl': NO_DIGEST,
  'card.md': NO_DIGEST,
};

/**
 * From here to the end of the transaction nothing is collected; what exists now stays, because the registry refers to
 * it then.
 */
async function assertStored(
  queryable: Queryable,
  { artifacts, files }: { artifacts: ArtifactDriver; files: Readonly<Record<string, string>> },
): Promise<void> {
  await holdArtifacts(queryable);
  for (const [file, digest] of Object.entries(files))
    if ((await artifacts.stat(digest)) === undefined)
      throw new MlError(
        'model_refused',
        `The file ${file} of the model (digest ${digest}) was collected before the model was registered. Register it again.`,
      );
}

/** The lock is held to the end of the transaction, so that two registrations never take the same number. */
async function insertVersion(
  queryable: Queryable,
  of: { manifest: ModelManifest; files: Readonly<Record<string, string>>; runId: string | undefined },
): Promise<Registered> {
  const { manifest, files, runId = null } = of;
  const { model, trainingKey } = manifest;
  await queryable.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`weir model ${model}`]);
  const [known] = await queryable.query<{ version: number }>(
    'select version from model_versions where model = $1 and training_key = $2',
    [model, trainingKey],
  );
  if (known !== undefined) return { model, version: known.version, created: false };
  const [row] = await queryable.query<{ version: number }>(
    `insert into model_versions (model, version, estimator, manifest, metrics, files, dataset_version, training_key, run_id)
     select $1, coalesce(max(version), 0) + 1, $2, $3::jsonb, $4::jsonb, $5::jsonb, $6, $7, $8
       from model_versions where model = $1
     returning version`,
    [
      model,
      manifest.estimator.kind,
      JSON.stringify(manifest),
      JSON.stringify(manifest.evaluation.metrics),
      JSON.stringify(files),
      manifest.trainedOn.datasetVersion,
      trainingKey,
      runId,
    ],
  );
  if (row === undefined) throw new MlError('model_refused', `Registering "${model}" gave no version.`);
  return { model, version: row.version, created: true };
}

/** A version that an earlier release registered gets the reference that it lacks; all else of it stays. */
async function addReference(
  queryable: Queryable,
  of: {
    readonly model: string;
    readonly version: number;
    readonly artifacts: ArtifactDriver;
    readonly reference: string;
  },
): Promise<void> {
  const { model, version, artifacts, reference } = of;
  const [row] = await queryable.query<{ manifest: unknown }>(
    `select manifest from model_versions where model = $1 and version = $2 and not files ? '${REFERENCE_FILE}' for update`,
    [model, version],
  );
  if (row === undefined) return;
  const known = parseManifest(row.manifest);
  const manifest = { ...known, files: { ...known.files, [REFERENCE_FILE]: reference } };
  const files = { ...manifest.files, [MANIFEST_FILE]: await putFile(artifacts, manifestText(manifest)) };
  await queryable.query(
    'update model_versions set manifest = $3::jsonb, files = $4::jsonb where model = $1 and version = $2',
    [model, version, JSON.stringify(manifest), JSON.stringify(files)],
  );
}
