import { ActionIcon, Group, Menu, TextInput } from '@mantine/core';
import { IconCalendar } from '@tabler/icons-react';

/** The first and the last day: `2026-11-21`. */
export interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface DayRangeProps extends Days {
  /** Common ranges, offered in a menu. */
  readonly presets?: readonly { readonly label: string; readonly days: Days }[];
  readonly onChange: (days: Days) => void;
}

/** The first and the last day of a list, typed or picked. */
export function DayRange({ from, to, presets = [], onChange }: DayRangeProps) {
  const days = { from: dayOf(from), to: dayOf(to) };
  const field = (key: 'from' | 'to', label: string) => (
    <TextInput
      type="date"
      label={label}
      w={150}
      // Made again when the address changes; until then it holds what is typed, also half a date.
      key={`${key} ${days[key] ?? ''}`}
      defaultValue={days[key] ?? ''}
      onBlur={(event) => {
        const next = event.currentTarget.value || undefined;
        if (next !== days[key]) onChange({ ...days, [key]: next });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
  return (
    <Group gap={6} align="flex-end">
      {field('from', 'From')}
      {field('to', 'To')}
      {presets.length === 0 ? null : (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon size={36} aria-label="Common days">
              <IconCalendar size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {[...presets, { label: 'All days', days: {} }].map((preset) => (
              <Menu.Item key={preset.label} onClick={() => onChange(preset.days)}>
                {preset.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}

/** A moment is shown elsewhere: the fields have days. */
const dayOf = (text: string | undefined): string | undefined => (text?.includes('T') ? undefined : text);
