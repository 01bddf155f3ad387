import { Text, Tooltip } from '@mantine/core';
import type { Check } from '#api';
import { toNumberText } from '../format.ts';

/** Good, bad and rejected rows of a file as one bar; the numbers are its hint and its name. */
export function ShareBar({ rows, verdict }: Pick<Check, 'rows' | 'verdict'>) {
  if (verdict === 'quarantined') return <Text size="sm">Kept whole</Text>;
  const text = `${toNumberText(rows.good)} good, ${toNumberText(rows.bad)} bad, ${toNumberText(rows.rejected)} rejected of ${toNumberText(rows.in)} rows`;
  const parts = [
    { tone: 'green', count: rows.good },
    { tone: 'orange', count: rows.bad },
    { tone: 'red', count: rows.rejected },
  ];
  return (
    <Tooltip label={text}>
      <div className="share-bar" role="img" aria-label={text}>
        {parts
          .filter(({ count }) => count > 0)
          .map(({ tone, count }) => (
            <span key={tone} style={{ flexGrow: count, flexBasis: 0, background: `var(--tone-${tone}-solid)` }} />
          ))}
      </div>
    </Tooltip>
  );
}
