// The server, which prints errors, takes nothing but types from the store.
export { withoutCredentials } from '#store';
export type { Artifact, Artifacts, InputRecord, Manifest, TraceRecord } from './artifact.ts';
export { INLINE_BYTES_MAX } from './artifact.ts';
export { collectGarbage, listCollectionItems } from './cleanup/collect-garbage.ts';
export type {
  CollectFolders,
  CollectionCount,
  CollectionCounts,
  CollectionItem,
  CollectionReport,
  CollectOptions,
  CollectProgress,
  ItemKind,
} from './cleanup/collection.ts';
export { type ForgetRunsOptions, forgetRuns } from './cleanup/forget-runs.ts';
export { type Incident, listIncidents } from './cleanup/incidents.ts';
export type { Retention } from './cleanup/retention.ts';
export type { RootProvider } from './cleanup/root-provider.ts';
export { type ScrubFinding, type ScrubOptions, type ScrubReport, scrub } from './cleanup/scrub.ts';
export { type DifferingOutput, type VerifyOptions, type VerifyReport, verifyTask } from './cleanup/verify-task.ts';
export type { CodeBuilder, CodeEffects } from './code/build-code.ts';
export { maybeBuildMistakes } from './code/build-mistakes.ts';
export type { BuiltTask, CodeOptions, TaskSource } from './code/built-task.ts';
export { loadBuiltTasks } from './code/load-built-tasks.ts';
export { bundleModule, createCodeBuilder } from './code/on-demand.ts';
export type { PackageLock } from './code/packages.ts';
export { createEngine } from './create-engine.ts';
export type { BatchContext, BatchOptions, DispatchOptions, PoolUse } from './dispatch-options.ts';
export type { EngineEffects } from './effects.ts';
export type { Engine, EngineOptions, StartedRun, StartRequest } from './engine.ts';
export { EngineError, ParamsRefusedError, RetryRefusedError, RunLimitError, TaskError } from './errors.ts';
export type {
  Assignment,
  BatchEnd,
  BatchExecution,
  ExecutionContext,
  Executor,
  NeedAnswer,
  Outcome,
} from './executors/executor.ts';
export type { FailureRecord } from './executors/failure.ts';
export { type InlineExecutorOptions, inlineExecutor } from './executors/inline.ts';
export { type ProcessExecutorOptions, processExecutor } from './executors/process.ts';
export { readStart, type ServeTasksOptions, serveTasks } from './executors/serve-tasks.ts';
export { type Difference, describeDifference } from './explain/difference.ts';
export { type ExplainParts, explainGoal } from './explain/explain-goal.ts';
export { explainRun, type Why } from './explain/explain-run.ts';
export type { Explanation, GoalExplanation } from './explain/explanation.ts';
export type { Goal, Json, Params } from './goal.ts';
export { GOALS_PIPELINE } from './goals-pipeline.ts';
export { cancelRun } from './history/cancel-run.ts';
export { newLogLines } from './history/new-log-lines.ts';
export { type LogRecord, type RunLogs, readRunLogs } from './history/read-logs.ts';
export {
  type AttemptRecord,
  getRun,
  type ListRunsOptions,
  listRuns,
  RUNS_CHANNEL,
  type RunDetailRecord,
  type RunRecord,
  type TaskRunRecord,
} from './history/read-runs.ts';
export { type RunProgress, readRunProgress } from './history/run-progress.ts';
export type { CatchUp, Interval, Overlap, Pipeline, Plan, PlanRequest, Schedule } from './pipeline.ts';
export { describeParams } from './pipeline-params.ts';
export { describeGoal } from './planned-goal.ts';
export { RUN_STATES, type RunState, TASK_RUN_STATES, type TaskRunState, TRIGGERS, type Trigger } from './run/states.ts';
export {
  type BackfillOptions,
  type BackfillParts,
  type BackfillProgress,
  type BackfillReport,
  type BackfillRun,
  backfill,
} from './schedule/backfill.ts';
export {
  type ComingTick,
  type DescribeOptions,
  describeSchedules,
  type ScheduleRecord,
} from './schedule/describe-schedules.ts';
export { listPauses, type Pause, type PauseRequest, pauseSchedule, resumeSchedule } from './schedule/pause.ts';
export {
  type IntervalStatus,
  type PreviewOptions,
  type PreviewParts,
  previewBackfill,
} from './schedule/preview-backfill.ts';
export { SinkFencedError } from './sinks/errors.ts';
export type { OpenPlace, Sink, SinkMarker, SinkOwner, SinkPlace } from './sinks/sink.ts';
export { type SqlSinkOptions, sqlSink } from './sinks/sql-sink.ts';
export { defineSource, type Source, type SourceOptions } from './sources/define-source.ts';
export { type FolderSourceOptions, folderSource } from './sources/folder-source.ts';
export { listSources, type SourceRecord } from './sources/list-sources.ts';
export type { Memo, Partition, Recall } from './sources/partitions.ts';
export { listPins, type RunPin } from './sources/pins.ts';
export { type ConfirmRemovalRequest, confirmRemoval, listRemovals, type Removal } from './sources/removals.ts';
export { type ListStaleOptions, listStale, type StaleGoal } from './sources/staleness.ts';
export { type TableSourceOptions, tableSource } from './sources/table-source.ts';
export {
  type BatchItem,
  type BlobInput,
  type BlobReceipt,
  blob,
  defineTask,
  type FileReceipt,
  file,
  type Input,
  type Inputs,
  type InputValues,
  type NoInputs,
  type Output,
  type OutputContent,
  type Outputs,
  type Read,
  type RetryClass,
  type Returned,
  type RowsReceipt,
  type RunsWhen,
  rows,
  type Task,
  type TaskContext,
  type TaskOptions,
  type TypedGoal,
  value,
} from './task.ts';
export {
  type Acceptance,
  type AcceptOptions,
  type AcceptReport,
  acceptResults,
  listAcceptances,
  type Refusal,
} from './versions/accept-results.ts';
export { openVersions, type ReadVersion, type Versions, type VersionsOptions } from './versions/open-versions.ts';
export { listVersionPins, type Pin, type PinRequest, pinRun, pinVersion, unpin } from './versions/pins.ts';
export type { AsOf, Version } from './versions/version.ts';
