import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runWeir } from '../app/cli/commands/run-weir.ts';
import { pathsBelow } from './architecture/source-file.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READ =
  /^(src\/.*\.(ts|tsx|md)|docs\/.*\.md|examples\/.*\.(ts|md|ya?ml)|README\.md|ARCHITECTURE\.md|CONTRIBUTING\.md)$/;
/** Names that are no commands: locks and the schema of the database. */
const OTHER = /advisory_xact_lock|schema weir/;

interface Named {
  readonly place: string;
  readonly words: readonly string[];
  readonly options: readonly string[];
}

/** Commands that have subcommands. */
const FAMILIES = ['alerts', 'datasets', 'deploy', 'grafana', 'keys', 'models', 'pins', 'runs', 'sources', 'users'];

/** Each `weir <word>` of a text, with the subcommand where it may have one, and the options that follow on its line. */
function commandsIn(text: string, file: string): readonly Named[] {
  return text.split('\n').flatMap((line, index) => {
    if (OTHER.test(line)) return [];
    return line
      .split(/(?<![\w/.#@-])(?=weir [a-z-])/)
      .filter((part) => part.startsWith('weir '))
      .map((part) => {
        const [said = ''] = part.split(/[`;|]/, 1);
        const [, word = '', second] = /^weir ([a-z-]+)(?: ([a-z]+))?/.exec(said) ?? [];
        const words = FAMILIES.includes(word) && second !== undefined ? [word, second] : [word];
        return { place: `${file}:${index + 1}`, words, options: optionsOf(said) };
      });
  });
}

const optionsOf = (text: string): readonly string[] => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];

const files = pathsBelow(root, '.').filter((file) => READ.test(file));
const named = files.flatMap((file) => commandsIn(readFileSync(path.join(root, file), 'utf8'), file));
const distinct = [...new Set(named.map(({ words }) => words.join(' ')))].sort();

describe('the commands that messages, help, docs and pages name', () => {
  it('are found in the text', () => {
    expect(
      commandsIn("say 'weir run nightly --force' or `weir sources confirm 3 --by me`; weir-source --no", 'a'),
    ).toEqual([
      { place: 'a:1', words: ['run'], options: ['--force'] },
      { place: 'a:1', words: ['sources', 'confirm'], options: ['--by'] },
    ]);
    expect(distinct.length).toBeGreaterThan(10);
  });

  it.each(distinct)('weir %s is there, with the options named beside it', async (command) => {
    const uses = named.filter(({ words }) => words.join(' ') === command);
    const places = uses.map(({ place }) => place).join(', ');
    const { code, out } = await runWeir([...command.split(' ').filter((word) => word !== '--help'), '--help'], root);
    // For a command that is not there, the help is that of the program.
    const isOption = command.startsWith('-');
    const usage = isOption ? 'Usage: weir [options]' : `Usage: weir ${command} [options]`;
    expect({ code, usage: out.split('\n', 1)[0] }, `weir ${command} is named in ${places}`).toEqual({
      code: 0,
      usage: expect.stringContaining(usage),
    });
    const listed = new Set([...optionsOf(out), '--help', '--project', '--version']);
    const unlisted = uses.flatMap(({ place, options }) =>
      options.filter((option) => !listed.has(option)).map((option) => `${place}: weir ${command} ${option}`),
    );
    expect(unlisted).toEqual([]);
  });
});
