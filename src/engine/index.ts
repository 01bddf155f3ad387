// Re-exported for the server, which prints errors and groups predictions but may import only types from the store.
export { createGroup, withoutCredentials } from '#store';
export type { CodeBuilder, CodeEffects } from './code/build-code.ts';
export { maybeBuildMistakes } from './code/build-mistakes.ts';
export type { BuiltTask, CodeOptions, TaskSource } from './code/built-task.ts';
export { loadBuiltTasks } from './code/built-task.ts';
export { bundleModule, createCodeBuilder } from './code/on-demand.ts';
export type { PackageLock } from './code/packages.ts';
export { createEngine } from './create-engine.ts';
export type { Artifact, Artifacts, InputRecord, Manifest, TraceRecord } from './define/artifact.ts';
export { INLINE_BYTES_MAX } from './define/artifact.ts';
export { defineSource, type Source, type SourceOptions } from './define/define-source.ts';
export type { BatchContext, BatchOptions, DispatchOptions, PoolUse } from './define/dispatch-options.ts';
export type { EngineEffects } from './define/effects.ts';
export { EngineError, type EngineErrorCode, TaskError } from './define/errors.ts';
export type { FailureRecord } from './define/failure.ts';
export { type FolderSourceOptions, folderSource } from './define/folder-source.ts';
export type { Goal, Json, Params } from './define/goal.ts';
export { GOALS_PIPELINE } from './define/goals-pipeline.ts';
export type { Memo, Partition, Recall } from './define/partitions.ts';
export type { CatchUp, Interval, Overlap, Pipeline, Plan, PlanRequest, Schedule } from './define/pipeline.ts';
export { describeParams } from './define/pipeline.ts';
export { describeGoal } from './define/planned-goal.ts';
export type { StartedRun, StartRequest } from './define/start-request.ts';
export {
  RUN_STATES,
  type RunState,
  TASK_RUN_STATES,
  type TaskRunState,
  TRIGGERS,
  type Trigger,
} from './define/states.ts';
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
} from './define/task.ts';
export type { Engine, EngineOptions } from './engine.ts';
export type {
  Assignment,
  BatchEnd,
  BatchExecution,
  ExecutionContext,
  Executor,
  NeedAnswer,
  Outcome,
} from './execute/executor.ts';
export type { InlineExecutorOptions } from './execute/inline.ts';
export { type ProcessExecutorOptions, processExecutor } from './execute/process.ts';
export { readStart, type ServeTasksOptions } from './execute/serve-tasks.ts';
export type { OpenPlace, Sink, SinkMarker, SinkOwner, SinkPlace } from './execute/sink.ts';
export { SinkFencedError } from './execute/sink.ts';
export { type SqlSinkOptions, sqlSink } from './execute/sql-sink.ts';
export { withoutWatch } from './execute/watch.ts';
export { inlineExecutor, serveTasks } from './executors.ts';
export { type Difference, describeDifference } from './records/difference.ts';
export { type LogRecord, newLogLines, type RunLogs, readRunLogs } from './records/read-logs.ts';
export {
  type AttemptRecord,
  getRun,
  type ListRunsOptions,
  listRuns,
  RUNS_CHANNEL,
  type RunDetailRecord,
  type RunProgress,
  type RunRecord,
  readRunProgress,
  type TaskRunRecord,
} from './records/read-runs.ts';
export type { AsOf, Version } from './records/read-versions.ts';
export {
  type ConfirmRemovalRequest,
  confirmRemoval,
  listRemovals,
  listSources,
  type Removal,
  type SourceRecord,
} from './records/sources.ts';
export { type ListStaleOptions, listStale, type StaleGoal } from './records/staleness.ts';
export { listVersionPins, type Pin, type PinRequest, pinRun, pinVersion, unpin } from './records/version-pins.ts';
export { cancelRun } from './records/write-runs.ts';
export { type ExplainParts, explainGoal } from './resolve/explain-goal.ts';
export { explainRun, type Why } from './resolve/explain-run.ts';
export type { Explanation, GoalExplanation } from './resolve/explanation.ts';
export { listPins, type RunPin } from './resolve/run-pins.ts';
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
export { type Pause, type PauseRequest, pauseSchedule, resumeSchedule } from './schedule/pause.ts';
export {
  type IntervalStatus,
  type PreviewOptions,
  type PreviewParts,
  previewBackfill,
} from './schedule/preview-backfill.ts';
export {
  type Acceptance,
  type AcceptOptions,
  type AcceptReport,
  acceptResults,
  listAcceptances,
  type Refusal,
} from './upkeep/accept-results.ts';
export { collectGarbage, listCollectionItems } from './upkeep/collect-garbage.ts';
export type {
  CollectFolders,
  CollectionCount,
  CollectionCounts,
  CollectionItem,
  CollectionReport,
  CollectOptions,
  CollectProgress,
  ItemKind,
  RootProvider,
} from './upkeep/collection.ts';
export { type ForgetRunsOptions, forgetRuns } from './upkeep/forget-runs.ts';
export { type Incident, listIncidents } from './upkeep/incidents.ts';
export { openVersions, type ReadVersion, type Versions, type VersionsOptions } from './upkeep/open-versions.ts';
export { type ScrubFinding, type ScrubOptions, type ScrubReport, scrub } from './upkeep/scrub.ts';
export { type DifferingOutput, type VerifyOptions, type VerifyReport, verifyTask } from './upkeep/verify-task.ts';
