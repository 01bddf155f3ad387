import { Text } from '@mantine/core';
import { IconReplace } from '@tabler/icons-react';
import type { ColumnChanges } from '../coerced.ts';

/** Says what was changed before it was predicted, as the contract allows; nothing where nothing was. */
export function CoercedNote({ changes }: { readonly changes: readonly ColumnChanges[] }) {
  if (changes.length === 0) return null;
  return (
    <Text size="sm" c="dimmed" component="div" className="break" role="note" aria-label="Changed before predicting">
      <IconReplace size={14} aria-hidden style={{ verticalAlign: '-2px', marginRight: 6 }} />
      Changed before predicting: {changes.map(({ label, text }) => `${label} (${text})`).join(' · ')}
    </Text>
  );
}
