import { Button, Center } from '@mantine/core';

interface LoadMoreProps {
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly onLoad: () => void;
  /** Each page is what was found among a bounded number of rows. */
  readonly isSearch?: boolean;
}

/** Loads the next page; hidden when there is none. */
export function LoadMore({ hasMore, isLoading, onLoad, isSearch = false }: LoadMoreProps) {
  if (!hasMore) return null;
  return (
    <Center p="md">
      <Button variant="default" loading={isLoading} onClick={onLoad}>
        {isSearch ? 'Search further' : 'Load more'}
      </Button>
    </Center>
  );
}
