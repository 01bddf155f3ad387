import { Button, Card, Select, Stack } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ContractColumn } from '#api';
import { columnWithRole, featuresOf } from '../../columns.ts';
import { DayRange } from '../../components/DayRange.tsx';
import { modelsQuery } from '../../queries.ts';
import type { OutcomeFilter, PastPredictionsSearch, SourceFilter } from '../../search.ts';
import { ActiveFilters } from './ActiveFilters.tsx';
import { toPresets } from './date-range.ts';
import { FeatureFilter } from './FeatureFilter.tsx';
import { filteredFeatures, OUTCOMES, SOURCES } from './past-filter.ts';
import { TypedFilter } from './TypedFilter.tsx';
import { useSearchChange } from './use-search-change.ts';

interface FiltersProps {
  readonly search: PastPredictionsSearch;
  readonly columns: readonly ContractColumn[];
}

/** All filters of the list; the address keeps them. */
export function Filters({ search, columns }: FiltersProps) {
  const change = useSearchChange();
  const [isOpen, setOpen] = useState(() => isAnyMoreSet(search, columns));
  return (
    <Card padding="md" mb="lg" component="section" aria-label="Filters">
      <Stack gap="md">
        <div className="filter-grid">
          <div className="filter-wide">
            <DayRange
              from={search.from}
              to={search.to}
              presets={toPresets(Date.now())}
              onChange={({ from, to }) => change({ from, to })}
            />
          </div>
          <TypedFilter
            label={columnWithRole(columns, 'id')?.label ?? 'Row id'}
            placeholder="All rows"
            icon={<IconSearch size={16} />}
            value={search.rowId ?? ''}
            onChange={(rowId) => change({ rowId })}
          />
          <PredictedFilter search={search} label={columnWithRole(columns, 'label')} />
          <Select
            label="Source"
            data={toOptions(SOURCES)}
            value={search.source ?? 'all'}
            // Its values are those of `data`.
            onChange={(value) => change({ source: value === 'all' ? undefined : (value as SourceFilter) })}
            allowDeselect={false}
          />
          <Button
            variant="default"
            className="filter-more"
            leftSection={<IconAdjustmentsHorizontal size={16} />}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Fewer filters' : 'More filters'}
          </Button>
        </div>
        {isOpen ? <MoreFilters search={search} columns={columns} /> : null}
        <ActiveFilters search={search} columns={columns} />
      </Stack>
    </Card>
  );
}

const isAnyMoreSet = (search: PastPredictionsSearch, columns: readonly ContractColumn[]): boolean =>
  [search.actual, search.model, search.request].some((value) => value !== undefined) ||
  filteredFeatures(search, columns).length > 0;

const toOptions = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

interface PredictedFilterProps {
  readonly search: PastPredictionsSearch;
  readonly label: ContractColumn | undefined;
}

/** The predicted class, or a range of predicted numbers. */
function PredictedFilter({ search, label }: PredictedFilterProps) {
  const change = useSearchChange();
  const title = label?.label ?? 'Prediction';
  if (label?.kind === 'number' || label?.kind === 'integer') {
    const bound = (key: 'prediction.min' | 'prediction.max', name: string) => (
      <TypedFilter
        label={name}
        name={`${title} ${key === 'prediction.min' ? 'from' : 'to'}`}
        placeholder="Any"
        isNumber
        value={search[key] ?? ''}
        problemOf={(text) => (Number.isFinite(Number(text)) ? undefined : 'Expected a number')}
        onChange={(value) => change({ [key]: value })}
      />
    );
    return (
      <div className="filter-pair">
        {bound('prediction.min', `${title} from`)}
        {bound('prediction.max', 'to')}
      </div>
    );
  }
  const classes = label?.categories ?? (label?.kind === 'boolean' ? ['true', 'false'] : undefined);
  if (classes === undefined)
    return (
      <TypedFilter label={title} value={search.prediction ?? ''} onChange={(prediction) => change({ prediction })} />
    );
  return (
    <Select
      label={title}
      placeholder="All classes"
      data={withOwn(classes, search.prediction)}
      value={search.prediction ?? null}
      onChange={(value) => change({ prediction: value ?? undefined })}
      clearable
      searchable={classes.length > 8}
    />
  );
}

/** The choices, and what the address names besides. */
const withOwn = (choices: readonly string[], own: string | undefined): string[] =>
  own === undefined || choices.includes(own) ? [...choices] : [...choices, own];

function MoreFilters({ search, columns }: FiltersProps) {
  const change = useSearchChange();
  const models = useQuery(modelsQuery).data;
  const versions = models?.versions.map(({ model, version }) => `${model}@${version}`) ?? [];
  const label = columnWithRole(columns, 'label');
  const isNumber = label?.kind === 'number' || label?.kind === 'integer';
  const outcomes = toOptions(OUTCOMES).filter(({ value }) => !isNumber || value === 'known' || value === 'unknown');
  const [added, setAdded] = useState<readonly string[]>([]);
  const features = featuresOf(columns);
  // A few are all shown; of many those that are filtered or asked for.
  const names = new Set([...filteredFeatures(search, columns), ...added]);
  const shown = features.length <= FEATURES_SHOWN_MAX ? features : features.filter(({ name }) => names.has(name));
  const others = features.filter((column) => !shown.includes(column));
  return (
    <div className="filter-grid">
      <Select
        label="Outcome"
        placeholder="All"
        data={outcomes}
        value={search.actual ?? null}
        // Its values are those of `data`.
        onChange={(value) => change({ actual: (value as OutcomeFilter | null) ?? undefined })}
        clearable
      />
      <Select
        label="Model version"
        placeholder="All versions"
        data={withOwn(versions, search.model)}
        value={search.model ?? null}
        onChange={(model) => change({ model: model ?? undefined })}
        clearable
        searchable
      />
      <TypedFilter
        label="Request key"
        placeholder="All requests"
        value={search.request ?? ''}
        onChange={(request) => change({ request })}
      />
      {shown.map((column) => (
        <FeatureFilter key={column.name} column={column} search={search} />
      ))}
      {others.length === 0 ? null : (
        <Select
          label="Filter by a feature"
          placeholder="Choose a feature"
          data={others.map(({ name, label: title }) => ({ value: name, label: title }))}
          value={null}
          onChange={(name) => name !== null && setAdded([...added, name])}
          searchable
        />
      )}
    </div>
  );
}

const FEATURES_SHOWN_MAX = 9;
