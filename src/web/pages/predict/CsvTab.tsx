import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ContractAnswer } from '#api';
import { Failed } from '../../components/Notice.tsx';
import type { ConvertedRow } from '../../csv/convert.ts';
import { CsvPreview } from './CsvPreview.tsx';
import { CsvResults } from './CsvResults.tsx';
import { DropArea } from './DropArea.tsx';
import { type ParsedFile, parseFile } from './parse-file.ts';
import { predictRows, RowsRefused, randomKey } from './send.ts';

/** From a file to predictions: parsed here, previewed, sent as JSON. */
export function CsvTab({ contract }: { readonly contract: ContractAnswer }) {
  const [sent, setSent] = useState(0);
  const queries = useQueryClient();
  const parse = useMutation({ mutationFn: (file: File) => parseFile(file, contract.columns) });
  const predict = useMutation({
    mutationFn: ({ rows, key }: { rows: readonly ConvertedRow[]; key: string }) =>
      predictRows(rows, { key, onProgress: setSent }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['past-predictions'] }),
  });
  // One key for each file read: pressing the button again after an error stores nothing twice.
  const parsed = parse.data;
  const key = useMemo(() => (parsed === undefined ? '' : randomKey()), [parsed]);
  const refusals = predict.error instanceof RowsRefused ? predict.error.problems : undefined;
  const choose = (file: File) => {
    predict.reset();
    setSent(0);
    parse.mutate(file);
  };
  return (
    <Stack gap="lg">
      <DropArea columns={contract.columns} isBusy={parse.isPending} onFile={choose} />
      {parse.error === null ? null : <Failed what="The file" verb="cannot be read" error={parse.error} />}
      {parsed === undefined || predict.data !== undefined ? null : (
        <CsvPreview
          parsed={withRefusals(parsed, refusals)}
          contract={contract}
          progress={predict.isPending ? sent : undefined}
          onPredict={(rows) => predict.mutate({ rows, key })}
        />
      )}
      {predict.error === null || refusals !== undefined ? null : (
        <Failed what="The predictions" verb="failed" error={predict.error} />
      )}
      {predict.data === undefined || parsed === undefined ? null : (
        <CsvResults items={predict.data} contract={contract} fileName={parsed.name} />
      )}
    </Stack>
  );
}

/** The server's problems, merged with ours at their rows. */
function withRefusals(parsed: ParsedFile, refusals: RowsRefused['problems'] | undefined): ParsedFile {
  if (refusals === undefined) return parsed;
  const rows = parsed.table.rows.map((row) => {
    const own = refusals.filter(({ number }) => number === row.number);
    return own.length === 0 ? row : { ...row, problems: [...row.problems, ...own] };
  });
  return { ...parsed, table: { ...parsed.table, rows } };
}
