import { Alert, Button, Group, List, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle, IconSparkles } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import type { ContractAnswer, ContractColumn } from '#api';
import { featuresOf } from '../../columns.ts';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { type ConvertedRow, type ConvertedTable, problemText } from '../../csv/convert.ts';
import { NOTHING, toCountText, toNumberText } from '../../format.ts';
import { own } from '../../own.ts';
import { usePermission } from '../../session.ts';
import { toCellValue } from '../../table/sort.ts';
import type { ParsedFile } from './parse-file.ts';

/** Enough to see whether the file was parsed correctly. */
const PREVIEW_ROWS = 12;
const PROBLEMS_SHOWN = 8;

interface CsvPreviewProps {
  readonly parsed: ParsedFile;
  readonly contract: ContractAnswer;
  /** The choices beside the button. */
  readonly options: ReactNode;
  /** Rows sent so far, while sending. */
  readonly progress: number | undefined;
  readonly onPredict: (rows: readonly ConvertedRow[]) => void;
}

/** The rows of the file, its problems, and the button that sends its valid rows. */
export function CsvPreview({ parsed, contract, options, progress, onPredict }: CsvPreviewProps) {
  const { table } = parsed;
  const permission = usePermission('predict');
  const good = useMemo(() => table.rows.filter(({ problems }) => problems.length === 0), [table]);
  const bad = useMemo(() => table.rows.filter(({ problems }) => problems.length > 0), [table]);
  // Rows with problems first: they are what needs a look.
  const rows = useMemo(() => [...bad, ...good], [bad, good]);
  const columns = useMemo(() => toColumns(shownColumns(table, contract.columns)), [table, contract]);
  const isSendable = table.missing.length === 0 && table.repeated.length === 0 && good.length > 0;
  return (
    <Section
      title={parsed.name}
      aside={
        <Text size="sm" c="dimmed" className="nowrap">
          {toCountText(table.rows.length, 'row')}
        </Text>
      }
    >
      <Stack gap="sm" px="md" pb="md">
        <HeaderNotes parsed={parsed} />
        {bad.length === 0 || table.missing.length > 0 ? null : <Problems rows={bad} />}
        <Group>
          <Button
            disabled={!isSendable}
            loading={progress !== undefined}
            leftSection={<IconSparkles size={16} />}
            onClick={() => onPredict(good)}
            {...permission}
          >
            Predict {toCountText(good.length, bad.length > 0 ? 'valid row' : 'row')}
          </Button>
          {options}
          {bad.length > 0 && isSendable ? (
            <Text size="sm" c="dimmed">
              {toCountText(bad.length, 'row')} with problems {bad.length === 1 ? 'is' : 'are'} left out
            </Text>
          ) : null}
        </Group>
        {progress === undefined ? null : (
          <Progress
            value={(100 * progress) / good.length}
            aria-label={`${toNumberText(progress)} rows predicted`}
            animated
          />
        )}
      </Stack>
      {table.missing.length > 0 ? null : (
        <RecordTable
          name="rows"
          label="Preview of the file"
          columns={columns}
          records={rows}
          step={PREVIEW_ROWS}
          toKey={({ number }) => String(number)}
        />
      )}
    </Section>
  );
}

function HeaderNotes({ parsed: { table } }: { readonly parsed: ParsedFile }) {
  const names = (columns: readonly ContractColumn[]) => columns.map(({ name }) => name).join(', ');
  return (
    <>
      {table.missing.length === 0 ? null : (
        <Alert
          color="var(--tone-red-text)"
          variant="outline"
          icon={<IconAlertTriangle />}
          title={`Missing: ${names(table.missing)}`}
        >
          The header line must name {table.missing.length === 1 ? 'this column' : 'these columns'}; their cells may not
          be empty. Add {table.missing.length === 1 ? 'it' : 'them'} and choose the file again.
        </Alert>
      )}
      {table.repeated.length === 0 ? null : (
        <Alert
          color="var(--tone-red-text)"
          variant="outline"
          icon={<IconAlertTriangle />}
          title={`Twice in the header: ${table.repeated.join(', ')}`}
        >
          Which of them counts is not known. Remove one and choose the file again.
        </Alert>
      )}
      {table.absent.length + table.unused.length === 0 ? null : (
        <Group gap={6} wrap="nowrap" align="flex-start">
          <IconInfoCircle size={16} style={{ flex: 'none', marginTop: 2 }} />
          <Text size="sm" c="dimmed" className="break">
            {table.absent.length === 0 ? '' : `Not in the file, taken as empty: ${names(table.absent)}. `}
            {table.unused.length === 0
              ? ''
              : `Not used, kept in the result: ${table.unused.map((name) => name || '(no name)').join(', ')}.`}
          </Text>
        </Group>
      )}
    </>
  );
}

function Problems({ rows }: { readonly rows: readonly ConvertedRow[] }) {
  const all = rows.flatMap(({ number, line, problems }) =>
    problems.map((problem) => `Row ${toNumberText(number)}, line ${toNumberText(line)}: ${problemText(problem)}`),
  );
  return (
    <Alert
      color="var(--tone-orange-text)"
      variant="outline"
      icon={<IconAlertTriangle />}
      title={`${toCountText(rows.length, 'row')} with problems`}
    >
      <List size="sm" spacing={2}>
        {all.slice(0, PROBLEMS_SHOWN).map((text) => (
          <List.Item key={text} className="break">
            {text}
          </List.Item>
        ))}
      </List>
      {all.length > PROBLEMS_SHOWN ? (
        <Text size="sm" mt={4}>
          and {toNumberText(all.length - PROBLEMS_SHOWN)} more
        </Text>
      ) : null}
    </Alert>
  );
}

/** The id and the time of the rows where the file has them, and all features. */
function shownColumns({ given }: ConvertedTable, columns: readonly ContractColumn[]): ContractColumn[] {
  return [...given.filter(({ role }) => role !== 'feature'), ...featuresOf(columns)];
}

function toColumns(columns: readonly ContractColumn[]): RecordColumn<ConvertedRow>[] {
  return [
    {
      key: '/row',
      title: 'Row',
      align: 'right',
      width: 60,
      value: ({ number }) => number,
      render: ({ number }) => toNumberText(number),
    },
    ...columns.map(({ name, label }) => ({
      key: name,
      title: label,
      value: (row: ConvertedRow) => toCellValue(own(row.texts, name)),
      render: (row: ConvertedRow) => {
        const problem = row.problems.find(({ field }) => field === name);
        const text = own(row.texts, name) || NOTHING;
        return problem === undefined ? text : <WrongCell text={text} expected={problem.expected} />;
      },
    })),
  ];
}

function WrongCell({ text, expected }: { readonly text: string; readonly expected: string }) {
  return (
    <span className="tone-badge cell-wrong" title={`Expected ${expected}`}>
      {text}
    </span>
  );
}
