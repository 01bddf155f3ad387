import { CloseButton, Group, Text, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { toNumberText } from '../../format.ts';
import { filterLines, toPieces } from './log-lines.ts';

/** A shorter log is read faster than it is searched. */
const FILTERED_FROM = 8;

interface LogViewProps {
  readonly label: string;
  readonly log: string;
}

/** The log of an attempt: its addresses are links, and its lines can be filtered. */
export function LogView({ label, log }: LogViewProps) {
  const [search, setSearch] = useState('');
  const all = log.split('\n').length;
  const lines = filterLines(log, search);
  return (
    <>
      {all < FILTERED_FROM ? null : (
        <Group gap="sm">
          <TextInput
            size="xs"
            w={230}
            aria-label={`Filter: ${label}`}
            placeholder="Filter lines"
            leftSection={<IconFilter size={14} />}
            rightSection={
              search === '' ? null : <CloseButton size="xs" aria-label="Show all lines" onClick={() => setSearch('')} />
            }
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Text size="xs" c="dimmed" role="status" className="tabular">
            {search === '' ? '' : `${toNumberText(lines.length)} of ${toNumberText(all)} lines`}
          </Text>
        </Group>
      )}
      <section
        className="log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot move it (WCAG 2.1.1).
        tabIndex={0}
        aria-label={label}
      >
        {toPieces(lines.join('\n')).map(({ kind, text }, at) =>
          kind === 'link' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place.
            <a key={at} href={text} target="_blank" rel="noreferrer">
              {text}
            </a>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above.
            <Fragment key={at}>{text}</Fragment>
          ),
        )}
      </section>
    </>
  );
}
