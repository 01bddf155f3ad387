/** What a project imports as `weir`. */
export * from '#contracts';
export { knn, mostFrequent } from '#ml';
export { defineProject } from '#pipelines';
export { blob, defineTask, file, rows, value } from '#engine';
