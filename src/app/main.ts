import { processTerminal } from './cli/terminal.ts';
import { runCommandLine } from './command-line.ts';

const exitCode = await runCommandLine(process.argv.slice(2), processTerminal);
// Whatever is left open must not keep a finished command waiting; what it wrote is out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
