export { cleanupPipeline } from './cleanup/pipeline.ts';
export { type CleanupOptions, cleanupRegistry, cleanupTasks } from './cleanup/tasks.ts';
export { contractIdentity } from './contract-identity.ts';
export { definePipeline, type PipelineOptions } from './define-pipeline.ts';
export type { PipelineErrorCode } from './errors.ts';
export { type FeedOptions, feedPipeline, feedRegistry, feedTasks } from './feed/feed.ts';
export type { DataFolders } from './folders.ts';
export { releaseOrphanedArrivals } from './ingest/arrivals.ts';
export { ingestedFile } from './ingest/ingested-file.ts';
export { ingestPipeline } from './ingest/pipeline.ts';
export { type Places, placesOf } from './ingest/placement.ts';
export { ingestRegistry, ingestTasks } from './ingest/tasks.ts';
export { countWaiting, listWaiting } from './ingest/waiting-files.ts';
export { labelsPipeline } from './labels/pipeline.ts';
export { labelsRegistry, labelsTasks } from './labels/tasks.ts';
export { startLineage } from './lineage/start-lineage.ts';
export { fileLineage, httpLineage } from './lineage/transports.ts';
export type { MonitorOptions } from './monitor/options.ts';
export { monitorPipeline } from './monitor/pipeline.ts';
export { monitorRegistry, monitorTasks } from './monitor/tasks.ts';
export { linksOfOutput } from './output-links.ts';
export type { BucketFolder } from './places/bucket-places.ts';
export type { DataPlaces } from './places/data-places.ts';
export { localPlaces } from './places/local-places.ts';
export { placesOver } from './places/places-over.ts';
export { assertFileName, receiveFile } from './places/receive-file.ts';
export { fileOfRequest } from './predict/ledger.ts';
export { predictPipeline } from './predict/pipeline.ts';
export type { PredictionAnswer, PredictionClient } from './predict/send-rows.ts';
export { predictRegistry, predictTasks } from './predict/tasks.ts';
export type { JobAnswer, JobPredictor } from './prediction-jobs/job-predictor.ts';
export {
  findJob,
  forgetJobs,
  type JobFormat,
  type JobsQuery,
  jobDigests,
  listJobs,
  maybeJobOfRun,
  maybeSameJob,
  type PredictionJob,
} from './prediction-jobs/jobs.ts';
export { JOB_PIPELINE, jobPipeline } from './prediction-jobs/pipeline.ts';
export { jobRegistry, jobTasks } from './prediction-jobs/tasks.ts';
export {
  arrivingContract,
  defineProject,
  type ModelProject,
  type ModelProjectOptions,
  type PlainProjectOptions,
  type PrepareContext,
  type Project,
} from './project.ts';
export { trainPipeline } from './train/pipeline.ts';
export {
  fromFiles,
  fromGoodData,
  fromSql,
  type SqlOptions,
  type TrainingSource,
  type WindowOptions,
} from './train/sources.ts';
export { trainRegistry, trainTasks } from './train/tasks.ts';
