import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSettings, type Setting } from '../../src/app/project/list-settings.ts';
import { VARIABLES } from '../../src/app/project/load-config.ts';
import { pathsBelow } from './architecture/source-file.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const sections = listSettings();
const settings = sections.flatMap((section) => section.settings);

describe('the page of settings', () => {
  // `npx vitest run test/house/settings.test.ts -u` writes it.
  it('lists each setting with its type, default, meaning and readers, as the schema has them', async () => {
    await expect(page()).toMatchFileSnapshot(path.join(ROOT, 'docs/settings.md'));
  });
});

describe('every setting', () => {
  it.each(settings.map((setting) => [setting.path, setting] as const))('%s has a sentence', (_, setting) => {
    expect(setting.description).toMatch(/^[A-Z].*\.$/);
  });

  it('has an example where its type and default do not show how it is written', () => {
    const isShown = ({ type, byDefault }: Setting) => !/string|list|URL/.test(type) || (byDefault ?? '') !== '';
    const unclear = settings.filter((setting) => setting.example === undefined && !isShown(setting));
    expect(unclear.map((setting) => setting.path)).toEqual([]);
  });

  it('is said to be read by commands that there are', () => {
    const folders = pathsBelow(ROOT, 'src/app/cli/commands').map((file) => file.split('/').at(-2) ?? '');
    const commands = new Set([...folders, 'resume']);
    const readers = [...new Set(settings.flatMap(({ readBy = [] }) => readBy))];
    expect(readers.filter((command) => !commands.has(command))).toEqual([]);
  });
});

function page(): string {
  return [
    '# Settings\n',
    'A test writes this page from the schema of the settings and proves it equal; `weir settings` prints the same.\n',
    'Settings are read from `config/base.yaml`, then from `config/<environment>.yaml`, then from environment variables; the later',
    'wins, setting by setting. A setting that does not exist is refused with the nearest name that does.\n',
    'Every command over a project checks all of them. The column read by names the commands that use a setting; where it is',
    'empty, each command does that opens the project.\n',
    '## Environment variables\n',
    'Every setting has a variable: its path in capitals behind `WEIR_`, with two underscores for each point. `server.port` is',
    '`WEIR_SERVER__PORT`, `alerts.teamsUrl` is `WEIR_ALERTS__TEAMS_URL`. A number, `true` and `false` are read as such, all else as a',
    'string; a list needs a file. Secrets belong in variables.\n',
    ...table(
      ['variable', 'meaning'],
      Object.entries(VARIABLES).map(([name, { description }]) => [`\`${name}\``, description]),
    ),
    ...sections.flatMap(({ name, description, settings: own }) => [
      `## ${name}\n`,
      `${description}\n`,
      ...table(['setting', 'type', 'default', 'meaning', 'read by'], own.map(toRow)),
    ]),
  ].join('\n');
}

function toRow({ path: name, type, byDefault, isRequired, description, example, readBy = [] }: Setting) {
  const shown = byDefault === undefined ? (isRequired ? 'required' : '–') : yaml(byDefault);
  const meaning = example === undefined ? description : `${description} Example: ${yaml(example)}`;
  return [`\`${name}\``, type, shown, meaning, readBy.map((command) => `\`${command}\``).join(', ')];
}

/** As it is written in a file. */
function yaml(value: unknown): string {
  if (value === '') return 'empty';
  if (Array.isArray(value)) return `\`[${value.join(', ')}]\``;
  if (typeof value === 'object' && value !== null)
    return `\`{ ${Object.entries(value).map(([key, each]) => `${key}: ${each}`)} }\``;
  return typeof value === 'string' && /^[^a-z0-9./]/i.test(value) ? `\`'${value}'\`` : `\`${value}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).concat('');
}
