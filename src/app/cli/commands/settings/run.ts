import { maybeNearestName } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { listSettings, type Setting } from '../../../project/list-settings.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import type { Running } from '../../terminal.ts';

export interface SettingsFlags {
  readonly json?: boolean;
}

/** Lists the settings there are, all or those whose path begins with a name. */
export async function showSettings(name: string | undefined, options: SettingsFlags & Running): Promise<number> {
  const { json, print } = options;
  const all = listSettings().flatMap(({ settings }) => settings);
  const shown = all.filter(({ path }) => name === undefined || path === name || path.startsWith(`${name}.`));
  if (shown.length === 0) throw unknownName(name ?? '', all);
  print(json ? `${JSON.stringify({ settings: shown })}\n` : shown.map(textOf).join('\n'));
  return EXIT_CODES.done;
}

function textOf({ path, type, byDefault, isRequired, description, example, readBy }: Setting): string {
  const lines = [
    `${path}: ${type.replaceAll('`', '')}`,
    description.replaceAll('`', ''),
    ...(byDefault === undefined ? [] : [`default: ${JSON.stringify(byDefault)}`]),
    ...(isRequired ? ['required'] : []),
    ...(example === undefined ? [] : [`example: ${JSON.stringify(example)}`]),
    ...(readBy === undefined ? [] : [`read by: ${readBy.map((command) => `weir ${command}`).join(', ')}`]),
  ];
  return `${lines.join('\n  ')}\n`;
}

function unknownName(name: string, all: readonly Setting[]): UsageError {
  const sections = listSettings().map((section) => section.name);
  const nearest = maybeNearestName(name, [...sections, ...all.map(({ path }) => path)]);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return new UsageError(
    'usage_invalid',
    `Expected a section (${sections.join(', ')}) or a setting such as server.port; got "${name}".${hint}`,
  );
}
