import type { RunProgressRecord, TaskRunLineage } from '#engine';
import { EVENT_SCHEMA, type Facets, facet, type LineageDataset, type LineageEvent, PRODUCER } from './event.ts';

/** What all events of one Weir have in common. */
export interface LineageOrigin {
  /** Of jobs and datasets; two Weirs that send to one place need different ones. */
  readonly namespace: string;
  readonly weirVersion: string;
  /** Who owns the jobs; empty for nobody. */
  readonly owner: string;
}

/** A file that a run ingested, as it was checked. */
export interface CheckedFile {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly nullCount: number }[];
  readonly problems: readonly {
    readonly expectation: string;
    readonly column: string | null;
    readonly severity: 'warn' | 'fail';
  }[];
}

/** A run, or a task run in it, with its universal id. */
export interface Identified<T> {
  readonly uuid: string;
  readonly of: T;
}

type Run = Identified<RunProgressRecord>;
type TaskRun = Identified<TaskRunLineage>;

const ENDS = { succeeded: 'COMPLETE', failed: 'FAIL', cancelled: 'ABORT' } as const;

/** The event that a run has started. */
export function startOfRun(run: Run & { readonly at: Date }, origin: LineageOrigin): LineageEvent {
  return runEvent(run, { eventType: 'START', at: run.at, inputs: [] }, origin);
}

export interface RunEnd {
  readonly run: Run & { readonly at: Date };
  readonly taskRuns: readonly TaskRun[];
  readonly files: readonly CheckedFile[];
}

/** The events of an ended run: the start and end of each executed task run, and the end of the run. */
export function endOfRun({ run, taskRuns, files }: RunEnd, origin: LineageOrigin): readonly LineageEvent[] {
  const { state } = run.of;
  const eventType = state in ENDS ? ENDS[state as keyof typeof ENDS] : 'COMPLETE';
  return [
    ...taskRuns.flatMap((taskRun) => taskRunEvents(taskRun, { run, origin })),
    runEvent(run, { eventType, at: run.at, inputs: files.map(toInput) }, origin),
  ];
}

interface Happening {
  readonly eventType: LineageEvent['eventType'];
  readonly at: Date;
  readonly inputs: readonly LineageDataset[];
}

function runEvent({ uuid, of }: Run, { eventType, at, inputs }: Happening, origin: LineageOrigin): LineageEvent {
  const { pipeline, intervalFrom, intervalTo } = of;
  const nominal =
    intervalFrom === null || intervalTo === null
      ? {}
      : facet('nominalTime', {
          nominalStartTime: intervalFrom.toISOString(),
          nominalEndTime: intervalTo.toISOString(),
        });
  return {
    ...headOf(eventType, at),
    run: { runId: uuid, facets: { ...engineFacet(origin), ...nominal, ...errorFacet(of) } },
    job: { namespace: origin.namespace, name: pipeline, facets: jobFacets('PIPELINE', origin) },
    inputs,
    outputs: [],
  };
}

function taskRunEvents(
  { uuid, of }: TaskRun,
  { run, origin }: { readonly run: Run; readonly origin: LineageOrigin },
): readonly LineageEvent[] {
  const { namespace } = origin;
  const { pipeline } = run.of;
  const parent = facet('parent', { run: { runId: run.uuid }, job: { namespace, name: pipeline } });
  const common = {
    job: { namespace, name: `${pipeline}.${of.task}`, facets: jobFacets('TASK', origin) },
    inputs: inputsOf(of, namespace),
  };
  const facets = { ...engineFacet(origin), ...parent };
  const eventType = of.state in ENDS ? ENDS[of.state as keyof typeof ENDS] : 'COMPLETE';
  return [
    { ...headOf('START', of.startedAt), run: { runId: uuid, facets }, ...common, outputs: [] },
    {
      ...headOf(eventType, of.endedAt),
      run: { runId: uuid, facets: { ...facets, ...errorFacet(of) } },
      ...common,
      outputs: outputsOf(of, namespace),
    },
  ];
}

const headOf = (eventType: LineageEvent['eventType'], at: Date) => ({
  eventType,
  eventTime: at.toISOString(),
  producer: PRODUCER,
  schemaURL: EVENT_SCHEMA,
});

const engineFacet = ({ weirVersion }: LineageOrigin): Facets =>
  facet('processing_engine', { name: 'Weir', version: weirVersion });

const jobFacets = (jobType: string, { owner }: LineageOrigin): Facets => ({
  ...facet('jobType', { processingType: 'BATCH', integration: 'WEIR', jobType }),
  ...(owner === '' ? {} : facet('ownership', { owners: [{ name: owner, type: 'OWNER' }] })),
});

function errorFacet({ state, reason }: Pick<TaskRunLineage, 'state' | 'reason'>): Facets {
  if (state !== 'failed') return {};
  return facet('errorMessage', { message: reason ?? 'It failed.', programmingLanguage: 'TypeScript' });
}

/** Outputs of earlier goals are datasets by task and output; which content it was is their version. */
function inputsOf({ inputs }: TaskRunLineage, namespace: string): readonly LineageDataset[] {
  return Object.values(inputs).flatMap(({ task, digests }) =>
    Object.entries(digests).map(([output, digest]) => ({
      ...{ namespace, name: `${task}.${output}` },
      facets: facet('version', { datasetVersion: digest }),
    })),
  );
}

function outputsOf({ task, outputs }: TaskRunLineage, namespace: string): readonly LineageDataset[] {
  return Object.entries(outputs).map(([output, artifact]) => {
    const statistics = artifact.kind === 'rows' ? { rowCount: artifact.rowCount } : { size: artifact.sizeBytes };
    return {
      ...{ namespace, name: `${task}.${output}` },
      facets: facet('version', { datasetVersion: artifact.digest }),
      outputFacets: facet('outputStatistics', statistics),
    };
  });
}

function toInput({ path, digest, sizeBytes, rows, columns, problems }: CheckedFile): LineageDataset {
  const columnMetrics = Object.fromEntries(columns.map(({ name, nullCount }) => [name, { nullCount }]));
  const assertions = problems.map(({ expectation, column, severity }) => ({
    ...{ assertion: expectation, success: false, severity: severity === 'fail' ? 'error' : 'warn' },
    ...(column === null ? {} : { column }),
  }));
  return {
    ...{ namespace: 'file', name: path },
    facets: {
      ...facet('version', { datasetVersion: digest }),
      ...facet('schema', { fields: columns.map(({ name }) => ({ name })) }),
    },
    inputFacets: {
      ...facet('dataQualityMetrics', { rowCount: rows, bytes: sizeBytes, columnMetrics }),
      ...facet('dataQualityAssertions', { assertions }),
    },
  };
}
