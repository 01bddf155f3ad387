/** `npm run bench <suite>`: measures ours beside its peers in one run and prints Markdown. */
import { mkdirSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkSuite } from './check.ts';
import { driftSuite } from './drift.ts';
import { engineSuite } from './engine.ts';
import { estimateSuite } from './estimate.ts';
import { formatsSuite } from './formats.ts';
import { hostsSuite } from './hosts.ts';
import { machineFacts } from './machine.ts';
import { outagesSuite } from './outages.ts';
import { panelsSuite } from './panels.ts';
import { queueSuite } from './queue.ts';
import { s3Suite } from './s3.ts';
import { scaleSuite } from './scale.ts';
import { serveSuite } from './serve.ts';
import { serveStreamSuite } from './serve-stream.ts';
import { soakSuite } from './soak.ts';
import { sqlSuite } from './sql.ts';
import type { BenchOptions, Suite } from './suite.ts';
import { yearSuite } from './year.ts';

/** Adding one is a file beside this and a word here. */
const SUITES: readonly Suite[] = [
  checkSuite,
  driftSuite,
  engineSuite,
  estimateSuite,
  formatsSuite,
  hostsSuite,
  outagesSuite,
  panelsSuite,
  queueSuite,
  scaleSuite,
  s3Suite,
  serveSuite,
  serveStreamSuite,
  soakSuite,
  sqlSuite,
  yearSuite,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: path.join(tmpdir(), 'weir-bench') },
    rows: { type: 'string', default: '5000000' },
    goals: { type: 'string', default: '100000' },
    windows: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '3' },
    large: { type: 'boolean', default: false },
  },
});
const suite = SUITES.find(({ name }) => name === positionals[0]);
if (suite === undefined) {
  const names = SUITES.map(({ name }) => name).join(', ');
  process.stderr.write(`Expected what to measure, one of: ${names}. For example: npm run bench ${SUITES[0]?.name}\n`);
  process.exitCode = 1;
} else await measure(suite);

async function measure({ name, run }: Suite): Promise<void> {
  const facts = machineFacts();
  // Everybody who competes inherits it, so that a shared machine stays usable.
  setPriority(5);
  const folder = path.resolve(values.folder);
  mkdirSync(path.join(folder, 'out'), { recursive: true });
  const say: BenchOptions['say'] = (line) => process.stderr.write(`bench: ${line}\n`);
  const numbers = {
    rows: Number(values.rows),
    goals: Number(values.goals),
    windows: Number(values.windows),
    rounds: Number(values.rounds),
  };
  process.stdout.write(`## ${name}\n\n${facts}\n`);
  for await (const section of run({ folder, ...numbers, large: values.large, words: positionals.slice(1), say }))
    process.stdout.write(`\n${section}\n`);
}
