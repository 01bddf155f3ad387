import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { PAGE_SIZE_MAX, type StoredPrediction } from '#api';
import { call } from '../../client.ts';
import { toCsvLines } from '../../csv/predictions.ts';
import { downloadCsv, toCsv } from '../../csv/write.ts';
import { toNumberText } from '../../format.ts';
import { contractQuery, type PastPredictionsFilter } from '../../queries.ts';

/** What a browser can easily hold; for more use the API or SQL. */
const ROWS_MAX = 50_000;

interface DownloadButtonProps {
  readonly filter: PastPredictionsFilter;
  readonly isDisabled: boolean;
}

/** Everything that matches the filter as CSV, not only what is shown. */
export function DownloadButton({ filter, isDisabled }: DownloadButtonProps) {
  const queries = useQueryClient();
  const download = useMutation({
    mutationFn: async () => {
      const { columns } = await queries.ensureQueryData(contractQuery);
      const { items, isCut } = await readAll(filter);
      downloadCsv('past-predictions.csv', toCsv(toCsvLines(items, columns)));
      return isCut;
    },
    onSuccess: (isCut) => {
      if (isCut)
        notifications.show({
          message: `The file holds the first ${toNumberText(ROWS_MAX)} predictions of the list. Choose fewer days for the rest.`,
        });
    },
    onError: (error) => notifications.show({ color: 'red', title: 'The download failed', message: error.message }),
  });
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconDownload size={14} />}
      loading={download.isPending}
      disabled={isDisabled}
      onClick={() => download.mutate()}
    >
      Download
    </Button>
  );
}

async function readAll(filter: PastPredictionsFilter): Promise<{ items: StoredPrediction[]; isCut: boolean }> {
  const items: StoredPrediction[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof call<'pastPredictions'>>> = await call('pastPredictions', {
      query: { ...filter, limit: PAGE_SIZE_MAX, ...(cursor === null ? {} : { cursor }) },
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < ROWS_MAX);
  return { items, isCut: cursor !== null };
}
