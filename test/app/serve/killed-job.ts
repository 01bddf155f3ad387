import path from 'node:path';
import { connect, fsArtifacts } from '#store';
import { inProcessDuckdb } from '../../contracts/duckdb-in-process.ts';
import { jobEngine } from './job-engine.ts';

// Runs a prediction job up to the moment when rows of its second page are stored, and waits there to be killed:
// `killed-job.ts <database url> <folder> <digest of the file>` sends a message then. What a task prints goes to its log.
const [url = '', folder = '', digest = ''] = process.argv.slice(2);
let pages = 0;
const engine = jobEngine({
  ...{ database: connect({ url }), duckdb: await inProcessDuckdb(), folder },
  artifacts: await fsArtifacts({ folder: path.join(folder, 'artifacts') }),
  around: ({ predict }) => ({
    predict: async (rows) => {
      const answers = await predict(rows);
      pages += 1;
      if (pages < 2) return answers;
      process.send?.('stored');
      return new Promise(() => undefined);
    },
  }),
});
const { runId } = await engine.start({
  pipeline: 'prediction-job',
  trigger: 'manual',
  params: { file: 'rows.csv', digest },
});
process.send?.(await engine.finished(runId));
