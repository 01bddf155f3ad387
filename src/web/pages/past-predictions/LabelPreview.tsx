import { Button, Group, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { problemText } from '../../csv/convert.ts';
import type { LabelLine, LabelTable } from '../../csv/labels.ts';
import { toCountText, toNumberText } from '../../format.ts';
import { toCellValue } from '../../table/sort.ts';

/** Lines shown at first: those with a problem come before others. */
const LINES_SHOWN = 8;

interface LabelPreviewProps {
  readonly table: LabelTable;
  readonly isSending: boolean;
  readonly onSend: () => void;
}

/** What will be sent of a file of labels, and what is wrong with the rest. */
export function LabelPreview({ table, isSending, onSend }: LabelPreviewProps) {
  const { lines, idName, valueName } = table;
  const wrong = lines.filter(({ label }) => label === undefined);
  const good = lines.length - wrong.length;
  const shown = useMemo(
    () => lines.toSorted((a, b) => Number(a.label !== undefined) - Number(b.label !== undefined)),
    [lines],
  );
  const columns = useMemo(() => toColumns(idName, valueName), [idName, valueName]);
  return (
    <Stack gap="sm">
      <Text size="sm">
        {toCountText(lines.length, 'line')}
        {wrong.length === 0 ? '' : `, ${toNumberText(wrong.length)} of them with a problem, which are left out`}
      </Text>
      <RecordTable
        name="labels"
        label="Labels of the file"
        columns={columns}
        records={shown}
        toKey={({ number }) => String(number)}
        step={LINES_SHOWN}
      />
      <Group>
        <Button onClick={onSend} loading={isSending} disabled={good === 0}>
          Send {toCountText(good, 'label')}
        </Button>
      </Group>
    </Stack>
  );
}

function toColumns(idName: string, valueName: string): RecordColumn<LabelLine>[] {
  const ofText = (key: string, title: string, read: (line: LabelLine) => string): RecordColumn<LabelLine> => ({
    key,
    title,
    value: (line) => toCellValue(read(line)),
    render: (line) => <span className="break">{read(line)}</span>,
  });
  return [
    ofText('line', 'Line', ({ number }) => String(number)),
    ofText('id', idName, ({ id }) => id),
    ofText('value', valueName, ({ text }) => text),
    ofText('problem', 'Problem', toProblemText),
  ];
}

const toProblemText = ({ problems }: LabelLine): string => problems.map(problemText).join('; ');
