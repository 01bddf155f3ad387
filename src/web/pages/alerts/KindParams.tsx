import { Autocomplete, Select, SimpleGrid, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { AlertRuleKind } from '#api';
import { toNumberText, toTitle } from '../../format.ts';
import { contractQuery, projectQuery } from '../../queries.ts';
import type { KindParam, NewRuleDraft } from './new-rule.ts';

interface KindParamsProps {
  readonly kind: AlertRuleKind;
  readonly draft: NewRuleDraft;
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (draft: NewRuleDraft) => void;
}

/** What a kind of rule takes; what is left empty is as usual. */
export function KindParams({ kind, draft, problems, onChange }: KindParamsProps) {
  if (kind.params.length === 0) return null;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      {kind.params.map((param) => (
        <ParamField
          key={param.name}
          param={param}
          value={draft.params[param.name]}
          problem={problems[`params.${param.name}`]}
          onChange={(value) => onChange({ ...draft, params: { ...draft.params, [param.name]: value } })}
        />
      ))}
    </SimpleGrid>
  );
}

interface ParamFieldProps {
  readonly param: KindParam;
  readonly value: string | undefined;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

function ParamField({ param, value, problem, onChange }: ParamFieldProps) {
  const names = useNames(param.names);
  const { usual } = param;
  const frame = {
    label: toLabel(param),
    description: toHint(param),
    required: usual === null,
    // Nothing is wrong with what nobody has touched.
    error: value === undefined ? null : (problem ?? null),
  };
  const placeholder = usual === null || usual === '' ? '' : String(usual);
  if (param.type === 'choice')
    return (
      <Select
        {...frame}
        data={param.choices.map((choice) => ({ value: choice, label: toTitle(choice) }))}
        value={value ?? placeholder}
        onChange={(next) => onChange(next ?? '')}
        allowDeselect={false}
      />
    );
  if (param.names !== null)
    return (
      <Autocomplete
        {...frame}
        data={names}
        placeholder={usual === '' ? 'Any' : placeholder}
        value={value ?? ''}
        onChange={onChange}
      />
    );
  return (
    <TextInput
      {...frame}
      placeholder={placeholder}
      inputMode="decimal"
      autoComplete="off"
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** What it means, with its range. */
function toHint({ description, min, max }: KindParam): string {
  if (min === null || max === null) return description;
  return `${description}; ${toNumberText(min)} to ${toNumberText(max)}`;
}

/** `windowMinutes` is `Window (minutes)`. */
function toLabel({ name, unit }: KindParam): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (unit === null) return toTitle(words.replace(/^(\w+) min$/, 'at least so many $1'));
  return `${toTitle(words.replace(` ${unit}`, ''))} (${unit})`;
}

/** The pipelines of the project, or the columns of its contract. */
function useNames(of: KindParam['names']): string[] {
  const pipelines = useQuery(projectQuery).data?.pipelines ?? [];
  const columns = useQuery({ ...contractQuery, enabled: of === 'column' }).data?.columns ?? [];
  if (of === null) return [];
  return (of === 'pipeline' ? pipelines : columns).map(({ name }) => name);
}
