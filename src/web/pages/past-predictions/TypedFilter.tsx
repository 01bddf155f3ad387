import { CloseButton, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';

interface TypedFilterProps {
  readonly label: string;
  /** What a screen reader says of it; its label unless set. */
  readonly name?: string;
  /** What the address has; nothing for none. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Why a text cannot be a filter. */
  readonly problemOf?: (text: string) => string | undefined;
  readonly placeholder?: string;
  readonly icon?: ReactNode;
  readonly type?: 'text' | 'date';
  readonly isNumber?: boolean;
}

/** A filter that is typed: it holds from Enter on, or when the field is left. */
export function TypedFilter(props: TypedFilterProps) {
  // Made again when the address changes; until then it holds what is typed.
  return <Field key={props.value} {...props} />;
}

function Field(props: TypedFilterProps) {
  const {
    label,
    name = label,
    value,
    onChange,
    problemOf,
    placeholder = 'All',
    icon,
    type = 'text',
    isNumber = false,
  } = props;
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState<string>();
  const keep = (typed: string) => {
    const next = typed.trim();
    const found = next === '' ? undefined : problemOf?.(next);
    setProblem(found);
    if (found === undefined && next !== value) onChange(next);
  };
  const clear = () => {
    setText('');
    keep('');
  };
  return (
    <TextInput
      label={label}
      aria-label={name}
      type={type}
      placeholder={placeholder}
      autoComplete="off"
      inputMode={isNumber ? 'decimal' : 'text'}
      error={problem ?? null}
      leftSection={icon}
      rightSection={
        text === '' || type === 'date' ? null : <CloseButton size="sm" aria-label={`Clear ${name}`} onClick={clear} />
      }
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => keep(text)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep(text);
      }}
    />
  );
}
