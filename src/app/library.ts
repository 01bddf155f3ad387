/** What a project imports as `weir`. */

export { z } from 'zod';
export * from '#contracts';
export {
  blob,
  defineSource,
  defineTask,
  file,
  folderSource,
  type Goal,
  type Interval,
  type OpenPlace,
  rows,
  type Sink,
  SinkFencedError,
  type SinkMarker,
  type SinkOwner,
  type SinkPlace,
  TaskError,
  tableSource,
  value,
} from '#engine';
export { defineFeatures, knn, mostFrequent } from '#ml';
export { definePipeline, defineProject, type PrepareContext } from '#pipelines';
export { type DuckdbPool, openDuckdbPool } from '#store';
