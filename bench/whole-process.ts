import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contractSource, toOdcs } from '#contracts';
import { residentBytes } from './contestant.ts';
import { people, peopleWithoutKey } from './contract.ts';
import { heatOf } from './lines.ts';
import { endedChildrenSeconds } from './processor-time.ts';
import { peerScript } from './python.ts';
import type { BenchOptions } from './suite.ts';
import { duration, median, table } from './table.ts';

const ROUNDS = 20;
const SAMPLE_EVERY_MS = 25;
const SMALL_ROWS = 1000;
const WEIR = fileURLToPath(new URL('../bin/weir.mjs', import.meta.url));
const BUILT = fileURLToPath(new URL('../dist/app/main.js', import.meta.url));
const NOT_BUILT = 'Skipped: Weir is not built (`npm run build`).';
/** Codes of a verdict; another says that the command failed. */
const CODES = [0, 1, 2];

interface Command {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

interface Ran {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakBytes: number;
}

/** `weir check` as people start it: from the first instruction to the end of the process. */
export async function wholeProcessSection(options: BenchOptions, python: string | undefined): Promise<string> {
  const title = `### The whole process of a command: ${SMALL_ROWS.toLocaleString('en')} rows, ${ROUNDS} rounds, in turns`;
  if (!existsSync(BUILT)) return `${title}\n\n${NOT_BUILT}`;
  const commands = await smallCommands(options, python);
  const ran = commands.map((): Ran[] => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, command] of commands.entries()) ran[index]?.push(await runWhole(command));
  const rows = commands.map((command, index) => {
    const [seconds, processor] = [
      (ran[index] ?? []).map((one) => one.seconds),
      (ran[index] ?? []).map((one) => one.processorSeconds),
    ];
    const mean = processor.reduce((sum, each) => sum + each, 0) / processor.length;
    options.say(`${command.title}: ${duration(median(seconds))}, of processors ${duration(mean)}`);
    return [command.title, duration(median(seconds)), duration(Math.min(...seconds)), duration(mean)];
  });
  const header = ['what', 'time: median', 'least', 'processor time: mean'];
  return `${title}\n\nGoals: \`weir check\` ≤ 150 ms, \`weir profile\` ≤ 250 ms. Node alone is the floor.\n\n${table(header, rows)}`;
}

async function smallCommands(options: BenchOptions, python: string | undefined): Promise<readonly Command[]> {
  const { file, folder } = await heatOf(options, { rows: SMALL_ROWS });
  const readable = await heatOf(options, { rows: SMALL_ROWS, without: ['text-after-quote', 'unterminated-quote'] });
  const [odcs, module] = ['people.yaml', 'people.ts'].map((name) => path.join(folder, name)) as [string, string];
  writeFileSync(odcs, toOdcs(people));
  writeFileSync(module, contractSource(people));
  const node = (title: string, ...args: readonly string[]): Command => ({ title, command: process.execPath, args });
  return [
    node(`Node ${process.versions.node}: \`node -e 0\``, '-e', '0'),
    node('`weir --help`', WEIR, '--help'),
    node('`weir check`, contract in YAML', WEIR, 'check', file.path, '--contract', odcs),
    node('`weir check`, contract in TypeScript', WEIR, 'check', file.path, '--contract', module),
    node('`weir profile`, without a contract', WEIR, 'profile', file.path),
    ...(python === undefined
      ? []
      : [
          {
            title: 'polars expressions, with its imports',
            command: python,
            args: [peerScript('polars-expressions'), 'check', readable.file.path, readable.folder, '1'],
          },
        ]),
  ];
}

/** Memory of `weir check`, which writes the parts: with a column that must be unique, and without. */
export async function memorySection(options: BenchOptions, sizes: readonly number[]): Promise<string> {
  const title = '### Memory of `weir check --into`, the whole process with its children';
  if (!existsSync(BUILT)) return `${title}\n\n${NOT_BUILT}`;
  const rows: string[][] = [];
  for (const size of sizes)
    for (const [name, contract] of [
      ['a unique integer', people],
      ['no key', peopleWithoutKey],
    ] as const) {
      const { file, folder } = await heatOf(options, { rows: size });
      const odcs = path.join(folder, 'memory.yaml');
      writeFileSync(odcs, toOdcs(contract));
      const args = [WEIR, 'check', file.path, '--contract', odcs, '--into', path.join(folder, 'memory')];
      const ran = await runWhole({ title: name, command: process.execPath, args }, SAMPLE_EVERY_MS);
      options.say(`memory, ${size.toLocaleString('en')} rows, ${name}: ${megabytes(ran.peakBytes)}`);
      rows.push([size.toLocaleString('en'), name, megabytes(ran.peakBytes), ...timesOf(ran)]);
    }
  const header = ['rows', 'keys', 'peak memory', 'time', 'processor time'];
  return `${title}\n\nGoals: ≤ 500 MB with keys, ≤ 150 MB without, whatever the file.\n\n${table(header, rows)}`;
}

const megabytes = (bytes: number): string => (bytes > 0 ? `${(bytes / 1e6).toFixed(0)} MB` : '–');
const timesOf = ({ seconds, processorSeconds }: Ran): readonly string[] => [seconds, processorSeconds].map(duration);

async function runWhole({ command, args, title }: Command, sampleEveryMs?: number): Promise<Ran> {
  const [started, startedProcessor] = [performance.now(), endedChildrenSeconds()];
  let peakBytes = 0;
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // Only where memory is asked for: to look at all processes takes a good part of a short one's time.
  const look = (): void => {
    peakBytes = Math.max(peakBytes, child.pid === undefined ? 0 : residentBytes(child.pid));
  };
  const sampling = sampleEveryMs === undefined ? undefined : setInterval(look, sampleEveryMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  clearInterval(sampling);
  if (!CODES.includes(code ?? -1)) throw new Error(`${title} ended with ${code}: ${said.slice(-1500)}`);
  return { seconds, processorSeconds: endedChildrenSeconds() - startedProcessor, peakBytes };
}
