// Re-exported for the server, which prints errors and groups predictions but may import only types from the store.
export { createGroup, inTrace, type OpenSpan, openSpan, traceOf, withoutCredentials } from '#store';
export type { CodeBuilder } from './code/build-code.ts';
export { maybeBuildMistakes } from './code/build-mistakes.ts';
export type { BuiltTask } from './code/built-task.ts';
export { loadBuiltTasks } from './code/built-task.ts';
export type { ModuleBundle } from './code/bundle-module.ts';
export { bundleModule, createCodeBuilder } from './code/on-demand.ts';
export type { PackageLock } from './code/packages.ts';
export { createEngine } from './create-engine.ts';
export type { Artifact, Artifacts } from './define/artifact.ts';
export { defineSource, type Source, type SourceOptions } from './define/define-source.ts';
export type { BatchContext, BatchOptions, PoolUse } from './define/dispatch-options.ts';
export type { EngineEffects } from './define/effects.ts';
export { EngineError, type EngineErrorCode, TaskError } from './define/errors.ts';
export { type FolderSourceOptions, folderSource } from './define/folder-source.ts';
export type { Goal, Json, Params } from './define/goal.ts';
export { GOALS_PIPELINE } from './define/goals-pipeline.ts';
export type { Partition, Recall } from './define/partitions.ts';
export type { CatchUp, Interval, Pipeline, Plan, PlanRequest, Schedule } from './define/pipeline.ts';
export { describeParams } from './define/pipeline.ts';
export { describeGoal } from './define/planned-goal.ts';
export { shortDigest } from './define/short-digest.ts';
export type { RunState, Trigger } from './define/states.ts';
export { type TableSourceOptions, tableSource } from './define/table-source.ts';
export type { Retention } from './define/task.ts';
export {
  type AnyTask,
  type BatchItem,
  type BlobInput,
  type BlobReceipt,
  blob,
  defineTask,
  type FileReceipt,
  file,
  type Inputs,
  type InputValues,
  type NoInputs,
  type Output,
  type Outputs,
  type RowsReceipt,
  type RunsWhen,
  rows,
  type Task,
  type TaskContext,
  type TaskOptions,
  type TypedGoal,
  value,
} from './define/task.ts';
export type { Engine, EngineOptions } from './engine.ts';
export { STAGED_SUFFIX } from './execute/attempt-folder.ts';
export type { Assignment, BatchEnd, ExecutionContext, Executor, NeedAnswer, Outcome } from './execute/executor.ts';
export { type ProcessExecutorOptions, processExecutor } from './execute/process.ts';
export { readStart } from './execute/serve-tasks.ts';
export type { OpenPlace, Sink, SinkMarker, SinkOwner, SinkPlace } from './execute/sink.ts';
export { SinkFencedError } from './execute/sink.ts';
export { sqlSink } from './execute/sql-sink.ts';
export { withoutWatch } from './execute/watch.ts';
export { inlineExecutor, serveTasks } from './executors.ts';
export { codeBundleDigests, newestCodeBundle, noteCodeBundle } from './records/code-bundles.ts';
export { type Difference, describeDifference } from './records/difference.ts';
export { type LogRecord, newLogLines, type RunLogs, readRunLogs } from './records/read-logs.ts';
export {
  type GetRunOptions,
  getRun,
  listRuns,
  RUNS_CHANNEL,
  type RunDetailRecord,
  type RunRecord,
  readRunProgress,
  type TaskRunRecord,
} from './records/read-runs.ts';
export {
  type AsOf,
  findTaskRunResult,
  findVersion,
  type StoredVersion,
  type TaskRunResult,
  type Version,
} from './records/read-versions.ts';
export {
  listRunIdsAfter,
  newestEndedRun,
  type RunProgressRecord,
  readRunProgressOf,
  readTaskRunLineage,
  type TaskRunLineage,
} from './records/run-lineage.ts';
export { confirmRemoval, listRemovals, listSources, type Removal, type SourceRecord } from './records/sources.ts';
export { listStale, type StaleGoal } from './records/staleness.ts';
export { listVersionPins, type Pin, pinRun, pinVersion, unpin } from './records/version-pins.ts';
export {
  beatWorker,
  drainWorker,
  listWorkers,
  removeWorker,
  type WorkerIdentity,
  type WorkerRecord,
} from './records/workers.ts';
export { cancelRun } from './records/write-runs.ts';
export { type PgBossTransportOptions, pgBossTransport } from './remote/pg-boss.ts';
export { type QueueLength, queueLengths } from './remote/queue-lengths.ts';
export { type RemoteExecutorOptions, remoteExecutor } from './remote/remote.ts';
export { type DeliveryService, serveDeliveries } from './remote/serve-deliveries.ts';
export { type TemporalPackages, type TemporalTransportOptions, temporalTransport } from './remote/temporal.ts';
export type { Transport } from './remote/transport.ts';
export { completeGoal } from './resolve/complete-goal.ts';
export { explainGoal } from './resolve/explain-goal.ts';
export { explainRun, type Why } from './resolve/explain-run.ts';
export type { Explanation, GoalExplanation } from './resolve/explanation.ts';
export { listRunListings } from './resolve/run-listings.ts';
export { type BackfillOptions, type BackfillReport, backfill } from './schedule/backfill.ts';
export { describeSchedules, type ScheduleRecord } from './schedule/describe-schedules.ts';
export { longestIntervalMinutes } from './schedule/longest-interval.ts';
export { pauseSchedule, resumeSchedule } from './schedule/pause.ts';
export { type IntervalStatus, type PreviewOptions, previewBackfill } from './schedule/preview-backfill.ts';
export { type Acceptance, acceptResults, listAcceptances } from './upkeep/accept-results.ts';
export { collectGarbage, listCollectionItems } from './upkeep/collect-garbage.ts';
export type {
  CollectFolders,
  CollectionCounts,
  CollectionItem,
  CollectionReport,
  CollectOptions,
  RootProvider,
} from './upkeep/collection.ts';
export { forgetRuns } from './upkeep/forget-runs.ts';
export { type Incident, listIncidents } from './upkeep/incidents.ts';
export { openVersions, type Versions } from './upkeep/open-versions.ts';
export { createOutputContent, type OutputContent } from './upkeep/output-content.ts';
export { scrub } from './upkeep/scrub.ts';
export { verifyTask } from './upkeep/verify-task.ts';
