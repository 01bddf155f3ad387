import type { OutputLink, OutputPreview, TaskOutput } from '#api';
import { type Preview, previewFile, previewJson } from '#contracts';
import type { Artifact, OutputContent, Params, StoredVersion } from '#engine';
import type { DuckdbPool } from '#store';

/** What the project says of an output, besides what is stored of it. */
export interface OutputFacts {
  /** The table that holds its rows. */
  readonly table: string | undefined;
  /** The records that it is, or is the source of. */
  readonly links: readonly OutputLink[];
}

/** An output of a task run; `params` are those of the goal and of its run. */
export interface OutputQuestion {
  readonly task: string;
  readonly params: Params;
  readonly output: string;
  readonly outputs: StoredVersion['outputs'];
}

export interface OutputSources {
  /** Where the bytes of an output are. */
  readonly contentOf: OutputContent;
  readonly factsOf: (question: OutputQuestion) => OutputFacts;
  /** Reads Parquet files. */
  readonly duckdb?: DuckdbPool | undefined;
}

export type DescribedOutput = Omit<TaskOutput, 'contentUrl'>;

/** The outputs of a version, each with a preview: the same for pages and for the terminal. */
export async function describeOutputs(
  { goal, outputs }: StoredVersion,
  { runParams, ...sources }: OutputSources & { readonly runParams: Params },
): Promise<DescribedOutput[]> {
  const described: DescribedOutput[] = [];
  // One after the other: each may read a large file.
  for (const [output, artifact] of Object.entries(outputs)) {
    const params = { ...runParams, ...goal.params };
    const facts = sources.factsOf({ task: goal.task, params, output, outputs });
    described.push({ name: output, ...(await describeArtifact(artifact, { ...sources, facts })) });
  }
  return described;
}

async function describeArtifact(
  artifact: Artifact,
  { contentOf, duckdb, facts }: Omit<OutputSources, 'factsOf'> & { readonly facts: OutputFacts },
): Promise<Omit<DescribedOutput, 'name'>> {
  const base = {
    ...{ kind: artifact.kind, digest: artifact.digest, links: [...facts.links] },
    ...{ path: null, sizeBytes: null, rowCount: null, table: null, sink: null, isStored: true, preview: null },
  };
  if (artifact.kind === 'rows') {
    const { rowCount, sink = null } = artifact;
    return { ...base, rowCount, sink, table: facts.table ?? null };
  }
  const sized = { ...base, sizeBytes: artifact.sizeBytes, path: artifact.kind === 'file' ? artifact.path : null };
  if (artifact.kind === 'value' && artifact.value !== undefined)
    return { ...sized, preview: toAnswer(previewJson(JSON.stringify(artifact.value))) };
  const file = await contentOf(artifact);
  if (file === undefined) return { ...sized, isStored: false };
  return { ...sized, preview: toAnswer(await previewFile(file, duckdb)) };
}

function toAnswer(preview: Preview | undefined): OutputPreview | null {
  if (preview?.kind !== 'table') return preview ?? null;
  return { ...preview, columns: [...preview.columns], rows: preview.rows.map((row) => [...row]) };
}
