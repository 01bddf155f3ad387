import { Button, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { toPageNumbers, toPlaceText } from '../table/page-numbers.ts';
import { PAGE_ROWS, type PageState } from '../table/use-pages.ts';

interface PagesProps {
  /** Of what: `Runs`. */
  readonly label: string;
  readonly pages: PageState;
  /** Undefined while the page is loading. */
  readonly answer: { readonly items: readonly unknown[]; readonly nextCursor: string | null } | undefined;
  /** Each page is what was found among a bounded number of rows. */
  readonly isSearch?: boolean;
}

/** Where in a list one is, and the way to its other pages; nothing for a list of one page. */
export function Pages({ label, pages, answer, isSearch = false }: PagesProps) {
  const { page, known, go } = pages;
  const next = answer?.nextCursor ?? undefined;
  if (page === 1 && next === undefined) return null;
  const places = next === undefined ? known : new Map([...known, [page + 1, next]]);
  const numbers = toPageNumbers(page, places);
  const place = answer === undefined ? '' : toPlaceText(page, { size: PAGE_ROWS, count: answer.items.length });
  return (
    <Group component="nav" aria-label={`Pages: ${label}`} justify="space-between" px="md" py="sm" gap="xs">
      <Text size="sm" c="dimmed" className="tabular" role="status">
        {isSearch || place === '' ? `Page ${page}` : `Rows ${place}`}
      </Text>
      <Group gap={4}>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconChevronLeft size={14} />}
          disabled={page === 1}
          onClick={() => go(places.has(page - 1) ? page - 1 : 1, places.get(page - 1))}
        >
          {page > 2 && !places.has(page - 1) ? 'First' : 'Previous'}
        </Button>
        {numbers.map((number) => (
          <Button
            key={number}
            size="compact-sm"
            variant={number === page ? 'light' : 'subtle'}
            aria-label={`Page ${number}`}
            {...(number === page ? { 'aria-current': 'page' as const } : { visibleFrom: 'xs' as const })}
            onClick={() => go(number, places.get(number))}
          >
            {number}
          </Button>
        ))}
        <Button
          size="compact-sm"
          variant="subtle"
          rightSection={<IconChevronRight size={14} />}
          disabled={next === undefined}
          onClick={() => go(page + 1, next)}
        >
          {isSearch ? 'Search further' : 'Next'}
        </Button>
      </Group>
    </Group>
  );
}
