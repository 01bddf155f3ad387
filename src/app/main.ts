import { processTerminal } from './cli/terminal.ts';
import { runCommandLine } from './command-line.ts';

const exitCode = await runCommandLine(process.argv.slice(2), processTerminal);
// Open handles must not keep a finished command running; its output is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
