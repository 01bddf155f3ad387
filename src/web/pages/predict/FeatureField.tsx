import { Input, SegmentedControl, Select, TextInput } from '@mantine/core';
import type { ComponentProps } from 'react';
import type { ContractColumn } from '#api';

type InputWrapperOrder = NonNullable<ComponentProps<typeof Input.Wrapper>['inputWrapperOrder']>;

const ORDER: InputWrapperOrder = ['label', 'input', 'description', 'error'];

interface FeatureFieldProps {
  readonly column: ContractColumn;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** A few short choices are faster to click than a select box. */
const BUTTONS_MAX = 4;
const BUTTONS_LETTERS_MAX = 26;

/** One field of the form, built from its column. */
export function FeatureField({ column, value, error, onChange }: FeatureFieldProps) {
  const frame = {
    label: toLabel(column),
    description: toHint(column),
    required: !column.nullable,
    error: error ?? null,
    // Hints below, so that fields beside one another stand on one line.
    inputWrapperOrder: ORDER,
  };
  const placeholder = column.examples?.[0] === undefined ? '' : `e.g. ${String(column.examples[0])}`;
  switch (column.kind) {
    case 'boolean':
      return (
        <Choices frame={frame} options={BOOLEANS} value={value} onChange={onChange} isClearable={column.nullable} />
      );
    case 'category':
      return (
        <Choices
          frame={frame}
          options={toOptions(column)}
          value={value}
          onChange={onChange}
          isClearable={column.nullable}
        />
      );
    default:
      // A plain field keeps what is typed: one for numbers or dates drops what it cannot read.
      return (
        <TextInput
          {...frame}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          placeholder={placeholder}
          inputMode={inputModeOf(column)}
          autoComplete="off"
        />
      );
  }
}

/** The keyboard of a telephone; those for numbers have no sign. */
function inputModeOf({ kind, min }: ContractColumn): 'numeric' | 'decimal' | 'text' {
  if (min === undefined || !(Number(min) >= 0)) return 'text';
  return kind === 'integer' ? 'numeric' : kind === 'number' || kind.startsWith('decimal(') ? 'decimal' : 'text';
}

interface Option {
  readonly value: string;
  readonly label: string;
}
const BOOLEANS: readonly Option[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

interface Frame {
  readonly label: string;
  readonly description: string;
  readonly required: boolean;
  readonly error: string | null;
  readonly inputWrapperOrder: InputWrapperOrder;
}
interface ChoicesProps {
  readonly frame: Frame;
  readonly options: readonly Option[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isClearable: boolean;
}

function Choices({ frame, options, value, onChange, isClearable }: ChoicesProps) {
  const letters = options.reduce((sum, { label }) => sum + label.length, 0);
  if (isClearable || options.length > BUTTONS_MAX || letters > BUTTONS_LETTERS_MAX) {
    return (
      <Select
        {...frame}
        data={[...options]}
        value={value === '' ? null : value}
        onChange={(next) => onChange(next ?? '')}
        placeholder="Choose"
        clearable={isClearable}
        searchable={options.length > 8}
      />
    );
  }
  return (
    <Input.Wrapper {...frame} labelElement="div">
      <SegmentedControl fullWidth data={[...options]} value={value} onChange={onChange} aria-label={frame.label} />
    </Input.Wrapper>
  );
}

function toOptions(column: ContractColumn): Option[] {
  return (column.categories ?? []).map((category) => ({ value: category, label: category }));
}

function toLabel({ label, unit }: ContractColumn): string {
  return unit === undefined ? label : `${label} (${unit})`;
}

// A list of choices already shows what is possible; repeating it would be noise.
function toHint(column: ContractColumn): string {
  const isList = column.kind === 'category' || column.kind === 'boolean';
  const wanted = isList ? '' : column.expected;
  const optional = column.nullable ? 'may be left empty' : '';
  const text = [column.description ?? '', [wanted, optional].filter(Boolean).join(', ')].filter(Boolean).join(' · ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
