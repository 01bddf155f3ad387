import { type PredictionJob, routes } from '#api';

/** Creates or cancels a job for as long as the server lives; undefined when there is no such job. */
export function changeJobs(url: URL, jobs: PredictionJob[]): PredictionJob | undefined {
  const [, , , id = '', action] = url.pathname.split('/').map(decodeURIComponent);
  if (id === '') return createJob(url, jobs);
  const index = jobs.findIndex((job) => job.id === id);
  const found = jobs[index];
  if (found === undefined || action !== 'cancel') return found;
  const cancelled = { ...found, state: 'cancelled' } as const;
  jobs[index] = cancelled;
  return routes.cancelPredictionJob.answer.parse(cancelled);
}

function createJob(url: URL, jobs: PredictionJob[]): PredictionJob {
  const [first] = jobs;
  const { limit: _, ...query } = Object.fromEntries(url.searchParams);
  const { name, store } = routes.createPredictionJob.query.parse(query);
  const created = routes.createPredictionJob.answer.parse({
    ...{ ...first, id: String(jobs.length + 1), file: name, state: 'queued', isStored: store === 'true' },
    ...{ createdAt: new Date().toISOString(), rows: { in: null, predicted: 0, refused: 0 } },
  });
  jobs.unshift(created);
  return created;
}
