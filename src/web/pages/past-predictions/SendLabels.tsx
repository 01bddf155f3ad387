import { Alert, Button, FileButton, Group, Modal, Stack, Text } from '@mantine/core';
import { IconFileUpload, IconTargetArrow } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ContractAnswer, ContractColumn, StoredLabels } from '#api';
import { delimiterOfName, mostFrequentDelimiter } from '#contracts/browser';
import { columnWithRole } from '../../columns.ts';
import { FormatNote } from '../../components/FormatNote.tsx';
import { Failed } from '../../components/Notice.tsx';
import { labelReading } from '../../csv/form-reading.ts';
import { convertLabels, type LabelTable } from '../../csv/labels.ts';
import { readTable, TABLE_FILES } from '../../csv/read-table.ts';
import { toCountText, toNumberText } from '../../format.ts';
import { contractQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { LabelPreview } from './LabelPreview.tsx';
import { sendLabels } from './send-labels.ts';

/** A button that takes what really happened to rows, from a CSV file. */
export function SendLabels() {
  const permission = usePermission('sendLabels');
  const [isOpen, setIsOpen] = useState(false);
  const { columns = [], format } = useQuery(contractQuery).data ?? {};
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconTargetArrow size={14} />}
        disabled={columns.length === 0}
        onClick={() => setIsOpen(true)}
        {...permission}
      >
        Send labels
      </Button>
      <Modal.Root opened={isOpen} onClose={() => setIsOpen(false)} size="lg">
        <Modal.Overlay />
        <Modal.Content>
          <Modal.Body pt="md">
            {/* Not Modal.Header: it renders a second banner landmark. */}
            <Group justify="space-between" wrap="nowrap" mb="sm">
              <Modal.Title fw={650}>Send labels: what really happened</Modal.Title>
              <Modal.CloseButton aria-label="Close" />
            </Group>
            <LabelUpload columns={columns} format={format} />
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}

function LabelUpload({
  columns,
  format,
}: {
  readonly columns: readonly ContractColumn[];
  readonly format: ContractAnswer['format'];
}) {
  const queries = useQueryClient();
  const parse = useMutation({
    mutationFn: async (file: File) => {
      const table = await readTable(file, {
        delimiterOf: (line) => delimiterOfName(file.name) ?? mostFrequentDelimiter(line),
        ...labelReading(columns, format),
        whenTooLarge: 'Put it into the label-data folder instead, or send it in parts.',
        whenEmpty: 'Choose another file.',
      });
      return convertLabels(table, columns);
    },
  });
  const send = useMutation({
    mutationFn: (table: LabelTable) => sendLabels(table),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['past-predictions'] }),
  });
  const choose = (file: File | null) => {
    send.reset();
    if (file !== null) parse.mutate(file);
  };
  const [id, label] = [columnWithRole(columns, 'id')?.name ?? 'row_id', columnWithRole(columns, 'label')?.name];
  return (
    <Stack gap="md">
      <Text size="sm">
        A CSV file with the columns {id} (or row_id, or prediction_id) and {label} (or value), and observed_at if it is
        known. A label that was sent before is not stored twice, and another value corrects it.
      </Text>
      <FormatNote format={format} />
      <Group>
        <FileButton accept={TABLE_FILES} onChange={choose}>
          {(props) => (
            <Button {...props} leftSection={<IconFileUpload size={16} />} loading={parse.isPending}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </Group>
      {parse.error === null ? null : <Failed what="The file" verb="cannot be read" error={parse.error} />}
      {parse.data === undefined || send.data !== undefined ? null : (
        <LabelPreview table={parse.data} isSending={send.isPending} onSend={() => send.mutate(parse.data)} />
      )}
      {send.error === null ? null : <Failed what="The labels" verb="were refused" error={send.error} />}
      {send.data === undefined ? null : <Stored stored={send.data} />}
    </Stack>
  );
}

function Stored({ stored: { added, corrected, unchanged } }: { readonly stored: StoredLabels }) {
  return (
    <Alert color="green" title={`${toCountText(added + corrected + unchanged, 'label')} received`} role="status">
      {toNumberText(added)} added, {toNumberText(corrected)} corrected, {toNumberText(unchanged)} unchanged
    </Alert>
  );
}
