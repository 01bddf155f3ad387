// Executes the TypeScript cells of a Jupyter notebook in order, in one shared scope, without Jupyter and without Python:
//   node scripts/run-notebook.mjs <notebook.ipynb>            shows what the cells print
//   node scripts/run-notebook.mjs <notebook.ipynb> --write    keeps it in the notebook
//   node scripts/run-notebook.mjs <notebook.ipynb> --check    fails when the notebook holds anything else
// Ends with 1 when a cell throws or does not build, 2 when the outputs are stale, 64 when called wrongly.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import { build } from 'esbuild';
import { rootFolder } from './root-folder.mjs';

const own = fileURLToPath(import.meta.url);

async function main(file, flags) {
  const isKnown = flags.every((flag) => [undefined, '--write', '--check'].includes(flag));
  if (file === undefined || !isKnown) {
    process.stderr.write('Usage: node scripts/run-notebook.mjs <notebook.ipynb> [--write | --check]\n');
    return 64;
  }
  const path = resolve(file);
  const text = readFileSync(path, 'utf8');
  const notebook = JSON.parse(text);
  const ran = await run(notebook, dirname(path));
  if (ran.problem !== undefined) {
    process.stderr.write(`${file}, ${ran.problem}\n`);
    return 1;
  }
  const fresh = toText(withOutputs(notebook, ran.printed));
  if (flags.includes('--write')) {
    writeFileSync(`${path}.writing`, fresh);
    renameSync(`${path}.writing`, path);
    return 0;
  }
  if (!flags.includes('--check')) process.stdout.write(ran.printed.join('\n'));
  else if (fresh !== text) {
    process.stderr.write(
      `${file} holds other outputs than its cells give: run it with --write, and look at the difference.\n`,
    );
    return 2;
  }
  return 0;
}

/** What each code cell printed, or the problem that stopped them. */
async function run(notebook, folder) {
  const scratch = mkdtempSync(join(tmpdir(), 'weir-notebook-'));
  try {
    const module = join(scratch, 'cells.mjs');
    const problem = await buildCells(codeCells(notebook), { folder, module });
    return problem === undefined ? await inChild(module, folder) : { problem };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const codeCells = ({ cells }) => cells.filter(({ cell_type: type }) => type === 'code');

async function buildCells(cells, { folder, module }) {
  // One module, so that every cell sees what those before it declared.
  const contents = cells.map(({ source }, index) => `beginCell(${index});\n${[source].flat().join('')}\n`).join('\n');
  try {
    await build({
      stdin: { contents, loader: 'ts', resolveDir: folder, sourcefile: 'cells.ts' },
      outfile: module,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      plugins: [weirItself],
      logLevel: 'silent',
    });
    return undefined;
  } catch (error) {
    return `its cells do not build: ${error.message}`;
  }
}

const library = pathToFileURL(join(rootFolder, 'src', 'app', 'library.ts')).href;

/** `weir` is the source beside this script: what is shown is what the tree does, not an older build. */
const weirItself = {
  name: 'weir-itself',
  setup({ onResolve }) {
    onResolve({ filter: /^weir$/ }, () => ({ path: library, external: true }));
  },
};

function inChild(module, folder) {
  // By its address, since the child runs in the notebook's folder.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  // Cells without Weir need no loader of sources, which takes longer to start than they to run.
  const sources = readFileSync(module, 'utf8').includes(library)
    ? ['--import', loader, '--conditions=weir-source']
    : [];
  const flags = [...sources, own, '--cells', module];
  const child = spawn(process.execPath, flags, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let ran = { problem: 'its process ended before its cells did.' };
  child.on('message', (message) => {
    ran = message;
  });
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', () => done(ran));
  });
}

/** In the child: runs the cells, and tells the parent what each printed. */
async function runCells(module) {
  const printed = [];
  globalThis.beginCell = (index) => {
    printed[index] = '';
  };
  const print = (...values) => {
    printed[printed.length - 1] += `${formatWithOptions({ colors: false }, ...values)}\n`;
  };
  for (const method of ['log', 'info', 'debug']) console[method] = print;
  const message = await import(pathToFileURL(module).href).then(
    () => ({ printed }),
    (error) => ({ problem: `code cell ${printed.length}: ${error?.stack ?? error}` }),
  );
  process.send(message, () => process.exit());
}

function withOutputs(notebook, printed) {
  let index = -1;
  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type !== 'code') return cell;
    index++;
    return { ...cell, execution_count: index + 1, outputs: outputsOf(printed[index] ?? '') };
  });
  return { ...notebook, cells };
}

function outputsOf(printed) {
  if (printed === '') return [];
  return [{ name: 'stdout', output_type: 'stream', text: printed.match(/[^\n]*\n|[^\n]+$/g) }];
}

/** As Jupyter writes it, so that saving a notebook there changes nothing else. */
const toText = (notebook) => `${JSON.stringify(notebook, undefined, 1)}\n`;

const [first, second, ...rest] = process.argv.slice(2);

if (first === '--cells' && second !== undefined) await runCells(second);
else process.exitCode = await main(first, [second, ...rest]);
