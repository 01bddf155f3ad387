import { List, Text } from '@mantine/core';
import type { ContractAnswer } from '#api';
import { formatInWords } from '#contracts/browser';
import { toFormat } from '../csv/form-reading.ts';

/** How the contract says that files are written, where that is not the usual form. */
export function FormatNote({ format }: Pick<ContractAnswer, 'format'>) {
  const stated = toFormat(format);
  if (stated === undefined) return null;
  return (
    <div>
      <Text size="sm" mb={4}>
        The contract says how CSV files are written:
      </Text>
      <List size="sm" ta="left">
        {formatInWords(stated).map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </div>
  );
}
