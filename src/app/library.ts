/** What a project imports as `weir`. */
export * from '#contracts';
export { blob, defineTask, file, rows, value } from '#engine';
export { defineFeatures, knn, mostFrequent } from '#ml';
export { defineProject, type PrepareContext } from '#pipelines';
export { type DuckdbPool, openDuckdbPool } from '#store';
