// ingest-from-buckets <database> <settings of S3> <bucket> <folder> <fault point>
// Goes on with runs that a killed process left, ingests what is there, and kills itself at one fault point, such as
// `place 2`: before the second file is placed. `none` kills nowhere.
import path from 'node:path';
import { createEngine, inlineExecutor } from '#engine';
import { type DataPlaces, ingestPipeline, ingestRegistry, ingestTasks, placesOver } from '#pipelines';
import { connect, fsArtifacts, openBucket, openDuckdbPool, toS3Address } from '#store';
import { type FaultPoints, faultPoints } from '../../kills/fault-points.ts';
import { parcels } from '../world.ts';

const [databaseUrl = '', settings = '', bucket = '', folder = '', target = ''] = process.argv.slice(2);

/** Passes a place before each call and one after it. */
function watched(places: DataPlaces, points: FaultPoints): DataPlaces {
  return new Proxy(places, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]) => {
        points.reach(String(name));
        const result: unknown = await Reflect.apply(member, of, args);
        points.reach(String(name));
        return result;
      };
    },
  });
}

const points = faultPoints(target);
const addresses = ['raw', 'good', 'bad', 'labels'].map((name) => `s3://${bucket}/${name}`);
const opened = await Promise.all(
  addresses.map(async (address) => ({ address, bucket: await openBucket(toS3Address(address), JSON.parse(settings)) })),
);
const [raw = '', good = '', bad = '', labels = ''] = addresses;
const places = watched(placesOver(opened, path.join(folder, 'receiving')), points);
const database = connect({ url: databaseUrl, poolSize: 5 });
const duckdb = openDuckdbPool({ size: 1, threads: 1, memoryLimitMb: 128 });
const artifacts = await fsArtifacts({ folder: path.join(folder, 'artifacts') });
const options = {
  ...{ model: 'parcels', contract: parcels, duckdb, database, folders: { raw, good, bad, labels }, places },
  ...{ alertChannels: [], reportUrl: (id: string) => `http://127.0.0.1/reports/${id}` },
};
const own = ingestTasks(options);
const tasks = ingestRegistry(own);
const executor = inlineExecutor({ tasks, database, artifacts, slots: 2, folder: path.join(folder, 'attempts') });
const pipelines = [ingestPipeline(options, own)];
const engine = createEngine({ database, artifacts, tasks, pipelines, executor, isSoleOwner: true });

await engine.recover();
const unfinished = await database.query<{ id: string }>('select id::text from runs where settled_at is null');
for (const { id } of unfinished) await engine.finished(id);
let state: string;
do {
  const { runId } = await engine.start({ pipeline: 'ingest', trigger: 'manual' });
  state = await engine.finished(runId);
} while (state === 'succeeded');
await engine.close();
await duckdb.close();
await database.close();
process.send?.({ passed: points.passed, answer: state });
process.disconnect?.();
