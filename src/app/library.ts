/** What a project imports as `weir`. */

export { z } from 'zod';
export * from '#contracts';
export { blob, defineSource, defineTask, file, folderSource, rows, TaskError, tableSource, value } from '#engine';
export { defineFeatures, knn, mostFrequent } from '#ml';
export { definePipeline, defineProject, type PrepareContext } from '#pipelines';
export { type DuckdbPool, openDuckdbPool } from '#store';
