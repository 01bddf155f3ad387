import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { routes } from '#api';
import { toUrl } from '../../client.ts';
import type { PastPredictionsFilter } from '../../queries.ts';

interface ExportMenuProps {
  readonly filter: PastPredictionsFilter;
  readonly isDisabled: boolean;
}

/** All predictions that the filter finds as a file, not only what is shown. */
export function ExportMenu({ filter, isDisabled }: ExportMenuProps) {
  return (
    <Menu position="bottom-end" shadow="md" withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} />}
          rightSection={<IconChevronDown size={14} />}
          disabled={isDisabled}
        >
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All that match</Menu.Label>
        <Menu.Item component="a" href={toUrl(routes.exportPastPredictionsCsv, { query: filter })} download>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={toUrl(routes.exportPastPredictionsParquet, { query: filter })} download>
          Parquet
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
