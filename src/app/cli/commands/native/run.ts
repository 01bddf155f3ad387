import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assertLibrary, LIGHTGBM_VERSION, lightgbmBuild, lightgbmFile } from '#ml';
import { hasErrorCode, LastWords } from '#store';
import type { Environment } from '../../../project/config.ts';
import { UsageError } from '../../../project/errors.ts';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

/** Programs that install a package of Python into a folder; the first that is there is used. */
const INSTALLERS: readonly (readonly string[])[] = [
  ['uv', 'pip', 'install'],
  ['python3', '-m', 'pip', 'install', '--disable-pip-version-check'],
  ['python', '-m', 'pip', 'install', '--disable-pip-version-check'],
];
const SAID_MAX = 2_000;

/** Fetches LightGBM's wheel and keeps the library of it; one that is there is left as it is. */
export async function addLightgbm(options: InProject<ProjectFlags>): Promise<number> {
  const { projectFolder, environment, json, print, show } = options;
  const config = await loadConfig(projectFolder, environment);
  const { native } = pathsOf(projectFolder, config);
  const file = lightgbmFile(native);
  const library = { file, sha256: lightgbmBuild().sha256 };
  const isThere = await assertLibrary(library).then(
    () => true,
    () => false,
  );
  if (!isThere) await show(`Fetching LightGBM ${LIGHTGBM_VERSION}`, () => fetchLibrary(library, environment));
  print(
    json
      ? `${JSON.stringify({ library: 'lightgbm', version: LIGHTGBM_VERSION, file, fetched: !isThere })}\n`
      : printable(`LightGBM ${LIGHTGBM_VERSION} ${isThere ? 'is' : 'was fetched'}: ${file}\n`),
  );
  return EXIT_CODES.done;
}

async function fetchLibrary(
  library: { readonly file: string; readonly sha256: string },
  environment: Environment,
): Promise<void> {
  const build = lightgbmBuild();
  const folder = path.dirname(library.file);
  await mkdir(folder, { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    const requirements = path.join(draft, 'requirements.txt');
    await writeFile(requirements, `lightgbm==${LIGHTGBM_VERSION} --hash=sha256:${build.wheel}\n`);
    const target = path.join(draft, 'wheel');
    await install(
      ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--target', target, '-r', requirements],
      environment,
    );
    const fetched = { file: path.join(target, build.file), sha256: library.sha256 };
    await assertLibrary(fetched);
    await rename(fetched.file, library.file);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function install(words: readonly string[], environment: Environment): Promise<void> {
  const told: string[] = [];
  for (const [program = '', ...first] of INSTALLERS) {
    const end = await runProgram(program, { words: [...first, ...words], environment });
    if (end === 'done') return;
    if (end !== 'missing') told.push(`${program}: ${end}`);
  }
  const reasons = told.length === 0 ? 'none of them is here' : told.join('; ');
  throw new UsageError(
    'library_unfetched',
    `Expected uv or pip to fetch LightGBM ${LIGHTGBM_VERSION}; ${reasons}. Install uv, or Python with pip, and run it again; or copy the library of the wheel to this machine and name it as native.lightgbm.library.`,
  );
}

function runProgram(
  program: string,
  { words, environment }: { readonly words: readonly string[]; readonly environment: Environment },
): Promise<string> {
  const said = new LastWords(SAID_MAX);
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => said.add(text));
    child.once('error', (error) => (hasErrorCode(error, 'ENOENT') ? resolve('missing') : reject(error)));
    child.once('close', (code, signal) => resolve(code === 0 ? 'done' : said.read() || `ended by ${signal ?? code}`));
  });
}
