// The one command that says whether a change may land; CI runs exactly it. Stops at the first check that fails, and
// ends with the tests, so that their count is the last line.
import { join } from 'node:path';
import { rootFolder } from './root-folder.mjs';
import { runInSight, seconds } from './run-step.mjs';
import { toolCommand } from './tools.mjs';

const CHECKS = [
  { name: 'lock: every platform package is there', run: script('lock-check.mjs') },
  { name: 'install and build', run: script('prepare.mjs') },
  { name: 'types: parts, tests, examples', run: toolCommand('tsc', ['-p', 'tsconfig.json']) },
  { name: 'types: pages', run: toolCommand('tsc', ['-p', 'src/web/tsconfig.json', '--noEmit']) },
  { name: 'lint and format', run: toolCommand('biome', ['check', '--error-on-warnings', '.']) },
  {
    name: 'unused files, exports and packages',
    run: toolCommand('knip', ['--tsConfig', 'scripts/tsconfig.knip.json']),
  },
  { name: 'generated files are fresh', run: script('generate.mjs', '--check') },
  { name: 'tests', run: script('test.mjs') },
];

/** CI asks for the rest first and then runs `npm test` as everybody does. */
const checks = process.argv.includes('--without-tests') ? CHECKS.filter(({ name }) => name !== 'tests') : CHECKS;

process.exitCode = await verify();

async function verify() {
  for (const { name, run } of checks) {
    process.stdout.write(`\n── ${name}\n`);
    const started = Date.now();
    const code = await runInSight(run, { cwd: rootFolder });
    if (code !== 0) {
      process.stderr.write(`\nverify stopped at "${name}" after ${seconds(started)}.\n`);
      return code;
    }
    if (name !== 'tests') process.stdout.write(`   good, ${seconds(started)}\n`);
  }
  return 0;
}

function script(file, ...args) {
  return { command: process.execPath, args: [join(rootFolder, 'scripts', file), ...args] };
}
