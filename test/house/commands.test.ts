import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Argument, Command, type Option } from 'commander';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/app/cli/context.ts';
import { addCommands } from '../../src/app/command-line.ts';

const PAGE = path.join(import.meta.dirname, '../../docs/commands.md');
const HEADING = '## Reference\n';

// To be described, a command takes nothing of its context: that is for its work.
const commands = describedBy((program) => addCommands(program, {} as CommandContext));

describe('the page of commands', () => {
  // `npx vitest run test/house/commands.test.ts -u` writes the reference; what stands before it is written by hand.
  it('ends with a reference of every command, argument and option, as the program has them', async () => {
    const [byHand = ''] = readFileSync(PAGE, 'utf8').split(HEADING);
    await expect(`${byHand.trimEnd()}\n\n${HEADING}\n${reference()}`).toMatchFileSnapshot(PAGE);
  });
});

describe('every command', () => {
  it.each(commands.map((command) => [nameOf(command), command] as const))('%s says what it does', (_, command) => {
    expect(command.description()).not.toBe('');
    expect(command.options.filter(({ description }) => description === '').map(({ flags }) => flags)).toEqual([]);
  });
});

describe('a command that is asked for', () => {
  const names = commands.filter(({ parent }) => parent?.parent === null).map((command) => command.name());
  const addedFor = (name: string): readonly string[] => {
    const program = new Command('weir');
    addCommands(program, {} as CommandContext, name);
    return program.commands.map((command) => command.name());
  };

  it.each(names)('%s is there', (name) => {
    expect(addedFor(name)).toContain(name);
  });

  it('is alone, while what is none leads to all', () => {
    expect(addedFor('check')).toEqual(['check']);
    for (const none of ['chekc', 'help', '--project', 'constructor']) expect(addedFor(none)).toEqual(names);
  });
});

function describedBy(add: (program: Command) => void): readonly Command[] {
  const program = new Command('weir');
  add(program);
  return program.commands.flatMap((command) => [command, ...command.commands]);
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function reference(): string {
  return [
    'A test writes this list from the program and proves it equal. Every command also takes `--help`. `--project <folder>` may stand',
    'before the command too; `WEIR_PROJECT` names it for all, and else it is the folder in which the command is started.\n',
    ...commands.flatMap((command) => [
      `### ${nameOf(command)}\n`,
      `${sentence(command.description())}\n`,
      `\`\`\`\n${usageOf(command)}\n\`\`\`\n`,
      ...optionsOf(command),
    ]),
  ].join('\n');
}

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => textOf(argument));
  return [nameOf(command), ...words, ...(command.options.length === 0 ? [] : ['[options]'])].join(' ');
}

function textOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionsOf({ options }: Command): readonly string[] {
  if (options.length === 0) return [];
  const rows = options.map((option) => `| \`${option.flags}\` | ${meaningOf(option)} | ${defaultOf(option)} |`);
  return ['| option | meaning | default |', '| --- | --- | --- |', ...rows, ''];
}

function meaningOf({ description, argChoices }: Option): string {
  return argChoices === undefined
    ? description
    : `${description}: ${argChoices.map((each) => `\`${each}\``).join(', ')}`;
}

function defaultOf({ defaultValue, mandatory }: Option): string {
  if (mandatory) return 'required';
  return defaultValue === undefined ? '' : `\`${defaultValue}\``;
}

// Markdown would take `<out>` for HTML.
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replaceAll('<', '\\<');
