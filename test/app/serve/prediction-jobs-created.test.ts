import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { promote } from '#ml';
import { arrivingContract, JOB_PIPELINE, jobPipeline, jobTasks } from '#pipelines';
import { localJobPredictor } from '../../../src/app/serve/local-job-predictor.ts';
import { type JobFile, sendJob } from '../../../src/app/serve/prediction-jobs.ts';
import { deferred } from '../../deferred.ts';
import { parcels } from '../../server/parcels.ts';
import { addModel } from '../../server/world.ts';
import { createJobsWorld, digestOf, type JobsWorld } from './jobs-world.ts';

const ROWS = 'id,weight,size,fragile,note\n1,2.5,small,true,\n';

let world: JobsWorld;
let newer: number;
/** Called before rows are predicted. */
let before: () => Promise<void> = async () => undefined;
beforeAll(async () => {
  world = await createJobsWorld((predictor) => ({
    predict: async (rows) => {
      await before();
      return predictor.predict(rows);
    },
  }));
  newer = await addModel(world, { k: 5 });
});
afterAll(() => world?.close());
beforeEach(async () => {
  before = async () => undefined;
  await world.database.query('truncate runs, predictions, prediction_requests cascade');
  await makeChampion(world.version);
});

const makeChampion = (version: number) =>
  promote(world.database, { model: 'parcels', version, alias: 'champion', actor: 'test', reason: 'test' });

type Start = Parameters<typeof sendJob<{ readonly runId: string }>>[1]['start'];

const startRun: Start = (request) => world.engine.start({ ...request, trigger: 'manual' });

function send(start: Start) {
  const content = (async function* () {
    yield Buffer.from(ROWS);
  })();
  const file: JobFile = { name: 'rows.csv', content, version: null, isStored: false, by: null };
  return sendJob(file, { database: world.database, artifacts: world.artifacts, start });
}

describe('the version of a prediction job', () => {
  it('is the champion of the moment, not the one that the server looked up before', async () => {
    const first = await world.send('rows.csv', ROWS);
    expect(first.job.modelVersion).toBe(`parcels@${world.version}`);
    await world.ended(first.job.id);
    await makeChampion(newer);
    const second = await world.send('rows.csv', ROWS);
    expect(second.job.modelVersion).toBe(`parcels@${newer}`);
    expect(await world.ended(second.job.id)).toMatchObject({ state: 'succeeded' });
    expect((await world.result(second.job.id)).bytes.toString()).toContain(`,parcels@${newer},`);
  });

  it('stays when its run is planned again, after a promotion', async () => {
    const { run, job } = await send(startRun);
    await world.ended(job ?? '');
    await makeChampion(newer);
    const { database, artifacts, duckdb } = world;
    const predictor = localJobPredictor({ database, artifacts, model: 'parcels', contract: parcels });
    const stores = { database, artifacts, duckdb };
    const options = { model: 'parcels', contract: arrivingContract(parcels), ...stores, predictor };
    const tasks = jobTasks(options);
    const params = { file: 'rows.csv', digest: digestOf(ROWS), version: null, store: false, by: null };
    const request = { params, trigger: 'manual', at: new Date() } as const;
    const plan = await jobPipeline(options, tasks).plan({ ...request, runId: run.runId });
    expect(plan.params).toMatchObject({ job, version: world.version });
    expect(plan).toMatchObject({ goals: [{ params: { job, version: world.version } }] });
  });
});

describe('a file that was sent', () => {
  it('is not kept when its run is skipped, because there is no champion', async () => {
    await world.database.query('truncate promotions');
    const { run, job } = await send(startRun);
    expect(job).toBeUndefined();
    expect(await world.engine.finished(run.runId)).toBe('skipped');
    expect(await world.isKept(ROWS)).toBe(false);
  });

  it('has a run that fails when it is not there', async () => {
    const digest = digestOf('other rows');
    const start: Start = ({ params }) => startRun({ pipeline: JOB_PIPELINE, params: { ...params, digest } });
    const { run, job } = await send(start);
    expect(job).toBeUndefined();
    expect(await world.engine.finished(run.runId)).toBe('failed');
  });

  it('is kept while its run goes on, when only the answer about its creation was lost', async () => {
    const goOn = deferred<void>();
    before = () => goOn.promise;
    let runId = '';
    const start: Start = async (request) => {
      ({ runId } = await startRun(request));
      throw new Error('the connection was cut');
    };
    await expect(send(start)).rejects.toThrow('cut');
    expect(await world.isKept(ROWS)).toBe(true);
    goOn.resolve();
    expect(await world.engine.finished(runId)).toBe('succeeded');
    expect(await world.isKept(ROWS)).toBe(false);
  });
});
