import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ContractAnswer } from '#api';
import { Failed } from '../../components/Notice.tsx';
import type { ConvertedRow } from '../../csv/convert.ts';
import { CsvPreview } from './CsvPreview.tsx';
import { CsvResults } from './CsvResults.tsx';
import { DropArea } from './DropArea.tsx';
import { type Options, PredictOptions, USUAL } from './PredictOptions.tsx';
import { type ParsedFile, parseFile } from './parse-file.ts';
import { predictRows, RowsRefused, randomKey } from './send.ts';

/** From a file to predictions: parsed here, previewed, sent as JSON. */
export function CsvTab({ contract }: { readonly contract: ContractAnswer }) {
  const [sent, setSent] = useState(0);
  const [options, setOptions] = useState(USUAL);
  // One key for each file read: pressing the button again after an error stores nothing twice.
  const [upload, setUpload] = useState<{ readonly file: ParsedFile; readonly key: string }>();
  const queries = useQueryClient();
  const parse = useMutation({
    mutationFn: (file: File) => parseFile(file, contract),
    onSuccess: (file) => setUpload({ file, key: randomKey() }),
  });
  const predict = useMutation({
    mutationFn: ({ rows, key }: { rows: readonly ConvertedRow[]; key: string }) =>
      predictRows(rows, { key, options, onProgress: setSent }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['past-predictions'] }),
    onError: (error) => {
      if (error instanceof RowsRefused)
        setUpload((before) => before && { ...before, file: withRefusals(before.file, error.problems) });
    },
  });
  // Under one key only one thing may be asked.
  const change = (next: Options) => {
    setOptions(next);
    setUpload((before) => before && { ...before, key: randomKey() });
  };
  const choose = (file: File) => {
    predict.reset();
    setUpload(undefined);
    setSent(0);
    parse.mutate(file);
  };
  return (
    <Stack gap="lg">
      <DropArea contract={contract} isBusy={parse.isPending} onFile={choose} />
      {parse.error === null ? null : <Failed what="The file" verb="cannot be read" error={parse.error} />}
      {upload === undefined || predict.data !== undefined ? null : (
        <CsvPreview
          parsed={upload.file}
          contract={contract}
          options={<PredictOptions options={options} onChange={change} explains={false} />}
          progress={predict.isPending ? sent : undefined}
          onPredict={(rows) => predict.mutate({ rows, key: upload.key })}
        />
      )}
      {predict.error === null || predict.error instanceof RowsRefused ? null : (
        <Failed what="The predictions" verb="failed" error={predict.error} />
      )}
      {predict.data === undefined || upload === undefined ? null : (
        <CsvResults file={upload.file} items={predict.data} contract={contract} />
      )}
    </Stack>
  );
}

/** The server's problems, merged with those found before at their rows, which are left out when the file is sent again. */
function withRefusals(parsed: ParsedFile, refusals: RowsRefused['problems']): ParsedFile {
  const rows = parsed.table.rows.map((row) => {
    const own = refusals.filter(({ number }) => number === row.number);
    return own.length === 0 ? row : { ...row, problems: [...row.problems, ...own] };
  });
  return { ...parsed, table: { ...parsed.table, rows } };
}
