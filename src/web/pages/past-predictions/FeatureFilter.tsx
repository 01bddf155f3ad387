import { MultiSelect } from '@mantine/core';
import type { ContractColumn } from '#api';
import type { PastPredictionsSearch } from '../../search.ts';
import { EMPTY, featureKeys, hasRange } from './past-filter.ts';
import { TypedFilter } from './TypedFilter.tsx';
import { useSearchChange } from './use-search-change.ts';

interface FeatureFilterProps {
  readonly column: ContractColumn;
  readonly search: PastPredictionsSearch;
}

/** The filter for one feature: values to choose, a range, or a text. */
export function FeatureFilter({ column, search }: FeatureFilterProps) {
  const change = useSearchChange();
  const keys = featureKeys(column.name);
  const unit = column.unit === undefined ? '' : ` (${column.unit})`;
  if (hasRange(column)) {
    const bound = (key: 'min' | 'max', title: string) => (
      <TypedFilter
        label={title}
        name={`${column.label} ${key === 'min' ? 'from' : 'to'}${unit}`}
        value={search[keys[key]]?.[0] ?? ''}
        placeholder={key === 'min' ? 'Any' : (column.examples?.[0]?.toString() ?? 'Any')}
        type={column.kind === 'date' ? 'date' : 'text'}
        isNumber={column.kind === 'number' || column.kind === 'integer'}
        problemOf={(text) => problemOf(column, text)}
        onChange={(value) => change({ [keys[key]]: value === '' ? [] : [value] })}
      />
    );
    return (
      <div className="filter-pair">
        {bound('min', `${column.label} from`)}
        {bound('max', `to${unit}`)}
      </div>
    );
  }
  if (column.kind === 'text')
    return (
      <TypedFilter
        label={`${column.label}${unit}`}
        value={search[keys.is]?.[0] ?? ''}
        onChange={(value) => change({ [keys.is]: value === '' ? [] : [value] })}
      />
    );
  const chosen = search[keys.is] ?? [];
  return (
    <MultiSelect
      label={`${column.label}${unit}`}
      placeholder={chosen.length === 0 ? 'All' : ''}
      data={toOptions(column, chosen)}
      value={chosen.map(toOption)}
      onChange={(values) => change({ [keys.is]: values.map(fromOption) })}
      searchable
      hidePickedOptions
    />
  );
}

// The empty text is no option for Mantine.
const EMPTY_OPTION = '\u0000';
const toOption = (value: string): string => (value === '' ? EMPTY_OPTION : value);
const fromOption = (value: string): string => (value === EMPTY_OPTION ? '' : value);

function toOptions({ kind, categories = [], nullable }: ContractColumn, chosen: readonly string[]) {
  const known = kind === 'boolean' ? ['true', 'false'] : categories;
  // An address may name a value that the contract no longer has.
  const others = chosen.filter((value) => value !== '' && !known.includes(value));
  return [
    ...[...known, ...others].map((value) => ({ value, label: value })),
    ...(nullable || chosen.includes('') ? [{ value: EMPTY_OPTION, label: EMPTY }] : []),
  ];
}

/** The bounds of the contract do not hold here: rows that break them may have been predicted. */
function problemOf({ kind }: ContractColumn, text: string): string | undefined {
  const isNumber = kind === 'number' || kind === 'integer';
  if (isNumber && !Number.isFinite(Number(text))) return 'Expected a number';
  return kind === 'timestamp' && Number.isNaN(Date.parse(text)) ? 'Expected 2026-01-31T12:00:00Z' : undefined;
}
