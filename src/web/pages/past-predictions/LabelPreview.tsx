import { Button, Group, Stack, Table, Text } from '@mantine/core';
import type { LabelLine, LabelTable } from '../../csv/labels.ts';
import { toCountText, toNumberText } from '../../format.ts';

/** Lines shown: those with a problem first. */
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
  const shown = [...wrong, ...lines.filter(({ label }) => label !== undefined)].slice(0, LINES_SHOWN);
  return (
    <Stack gap="sm">
      <Text size="sm">
        {toCountText(lines.length, 'line')}
        {wrong.length === 0 ? '' : `, ${toNumberText(wrong.length)} of them with a problem, which are left out`}
      </Text>
      <Table aria-label="Labels of the file">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Line</Table.Th>
            <Table.Th>{idName}</Table.Th>
            <Table.Th>{valueName}</Table.Th>
            <Table.Th>Problem</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((line) => (
            <Table.Tr key={line.number}>
              <Table.Td className="tabular">{line.number}</Table.Td>
              <Table.Td className="break">{line.id}</Table.Td>
              <Table.Td className="break">{line.text}</Table.Td>
              <Table.Td className="break">{toProblemText(line)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group>
        <Button onClick={onSend} loading={isSending} disabled={good === 0}>
          Send {toCountText(good, 'label')}
        </Button>
      </Group>
    </Stack>
  );
}

const toProblemText = ({ problems }: LabelLine): string =>
  problems.map(({ field, expected, got }) => `${field}: expected ${expected}, got ${got}`).join('; ');
