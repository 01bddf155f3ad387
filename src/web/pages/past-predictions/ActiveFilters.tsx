import { Button, Group, Pill } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ContractColumn } from '#api';
import type { PastPredictionsSearch } from '../../search.ts';
import { listActive } from './past-filter.ts';
import { useSearchChange } from './use-search-change.ts';

interface ActiveFiltersProps {
  readonly search: PastPredictionsSearch;
  readonly columns: readonly ContractColumn[];
}

/** What the list is narrowed to, each removed by a click; nothing where it is not. */
export function ActiveFilters({ search, columns }: ActiveFiltersProps) {
  const change = useSearchChange();
  const active = listActive(search, columns);
  if (active.length === 0) return null;
  return (
    <Group gap={6} role="group" aria-label="Filters that are set">
      {active.map(({ name, text, keys }) => (
        <Pill
          key={keys.join()}
          bg="var(--tone-grey-soft)"
          size="md"
          withRemoveButton
          onRemove={() => change(Object.fromEntries(keys.map((key) => [key, undefined])))}
          removeButtonProps={{ 'aria-label': `Remove the filter ${name}`, tabIndex: 0, 'aria-hidden': false }}
        >
          {name}: <b>{text}</b>
        </Pill>
      ))}
      <Button
        size="compact-sm"
        variant="subtle"
        // A link, so that it can also be opened beside what is shown.
        renderRoot={(props) => <Link to="/past-predictions" search={{}} {...props} />}
      >
        Clear all
      </Button>
    </Group>
  );
}
