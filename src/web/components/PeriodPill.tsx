import { Pill } from '@mantine/core';
import { toTimeText } from '../format.ts';

interface PeriodPillProps {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly onRemove: () => void;
}

/** The moments that a list is narrowed to, such as those of a bar of a dashboard; nothing where it is not, or to whole days. */
export function PeriodPill({ from, to, onRemove }: PeriodPillProps) {
  if (!isMoment(from) && !isMoment(to)) return null;
  const text = [from, to].flatMap((moment) => (moment === undefined ? [] : toTimeText(moment))).join(' – ');
  return (
    <Pill withRemoveButton onRemove={onRemove} removeButtonProps={{ 'aria-label': 'Show all times' }} size="md">
      {text}
    </Pill>
  );
}

export const isMoment = (text: string | undefined): boolean => text?.includes('T') ?? false;
