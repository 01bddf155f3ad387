/** What a project imports as `weir`. */

export { z } from 'zod';
export * from '#contracts';
export {
  type AnyTask,
  type BatchContext,
  type BatchItem,
  type BlobInput,
  type BlobReceipt,
  blob,
  defineSource,
  defineTask,
  type FileReceipt,
  file,
  folderSource,
  type Goal,
  type Inputs,
  type InputValues,
  type Interval,
  type Json,
  type NoInputs,
  type OpenPlace,
  type Outputs,
  type Params,
  type Partition,
  type Pipeline,
  type Plan,
  type PlanRequest,
  type Recall,
  type RowsReceipt,
  type RunsWhen,
  rows,
  type Sink,
  SinkFencedError,
  type SinkMarker,
  type SinkOwner,
  type SinkPlace,
  type Source,
  type Task,
  type TaskContext,
  TaskError,
  type TypedGoal,
  tableSource,
  value,
} from '#engine';
export { defineFeatures, knn, mostFrequent } from '#ml';
export { definePipeline, defineProject, type PrepareContext, type Project } from '#pipelines';
export { type Database, type DuckdbPool, openDuckdbPool, type Queryable } from '#store';
