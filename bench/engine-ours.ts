/**
 * Weir's engine as a contestant: `engine-ours.ts <work> <size> <folder>`; prints one line of JSON at the end.
 * Durable work runs on the PostgreSQL that Weir starts for itself, with its settings: every commit reaches the disk.
 */
import { readFileSync } from 'node:fs';
import { measureCode } from './engine-code.ts';
import { measureGraph, measureLatency } from './engine-durable.ts';
import { measurePlanner } from './engine-planner.ts';
import { SHAPES } from './engine-tasks.ts';

const [work = '', size = '1000', folder = ''] = process.argv.slice(2);
const figures = await measure(Number(size));
// Our own package.json, beside this folder.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
process.stdout.write(`${JSON.stringify({ versions: { weir: version }, ...figures })}\n`);

function measure(count: number): object | Promise<object> {
  if (work === 'latency') return measureLatency(count, { folder });
  if (work === 'code') return measureCode(count, folder);
  const shape = SHAPES.find((known) => work === known || work === `plan-${known}`);
  if (shape === undefined)
    throw new Error(`Expected latency, code, plan-<shape> or a shape of ${SHAPES.join(', ')}; got ${work}.`);
  return work === shape ? measureGraph(shape, { size: count, folder }) : measurePlanner(shape, count);
}
