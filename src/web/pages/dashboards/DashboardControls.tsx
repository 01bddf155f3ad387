import { ActionIcon, Button, Group, MultiSelect, Popover, Select, Stack, TextInput, Tooltip } from '@mantine/core';
import { IconMaximize } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Dashboard, DashboardRows } from '#api';
import type { DashboardSearch } from '../../search.ts';
import { timeZone } from '../../zone.ts';
import { toLocalText, toMoment } from './local-time.ts';

const route = getRouteApi('/dashboards/$id');
const CUSTOM = 'custom';

interface DashboardControlsProps {
  readonly dashboard: Dashboard;
  readonly data: DashboardRows | undefined;
}

/** The window and the variables of a dashboard, all of which are kept in the address. */
export function DashboardControls({ dashboard, data }: DashboardControlsProps) {
  return (
    <Group gap="sm" align="flex-end">
      <WindowSelect dashboard={dashboard} data={data} />
      {dashboard.variables.map(({ name, title }) => (
        <VariableSelect key={name} name={name} title={title} values={data?.variables[name] ?? []} />
      ))}
      <WallButton />
    </Group>
  );
}

function WindowSelect({ dashboard, data }: DashboardControlsProps) {
  const { from, minutes = dashboard.defaultWindowMinutes } = route.useSearch();
  const navigate = route.useNavigate();
  const [isOpen, setOpen] = useState(false);
  const known = dashboard.windows.map(({ label, minutes: each }) => ({ value: String(each), label: `Last ${label}` }));
  const own = String(minutes);
  const windows = [
    ...known,
    ...(known.some(({ value }) => value === own) ? [] : [{ value: own, label: `Last ${own} minutes` }]),
    { value: CUSTOM, label: 'From … to …' },
  ];
  const choose = (next: string | null) => {
    if (next === CUSTOM) return setOpen(true);
    void navigate({
      replace: true,
      search: ({ from: _from, to: _to, ...others }) => ({ ...others, minutes: Number(next ?? minutes) }),
    });
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" trapFocus shadow="md">
      <Popover.Target>
        <Select
          label="Window of time"
          data={windows}
          value={from === undefined ? own : CUSTOM}
          onChange={choose}
          onOptionSubmit={(value) => value === CUSTOM && setOpen(true)}
          allowDeselect={false}
          size="xs"
          w={164}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <CustomWindow data={data} onDone={() => setOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function CustomWindow({ data, onDone }: { readonly data: DashboardRows | undefined; readonly onDone: () => void }) {
  const navigate = route.useNavigate();
  const [from, setFrom] = useState(() => toLocalText(data?.from));
  const [to, setTo] = useState(() => toLocalText(data?.to));
  const [start, end] = [toMoment(from), toMoment(to)];
  const isUsable = start !== undefined && end !== undefined && start < end;
  const show = () => {
    if (!isUsable) return;
    onDone();
    void navigate({
      replace: true,
      search: ({ minutes: _minutes, ...others }) => ({ ...others, from: start, to: end }),
    });
  };
  const field = { type: 'datetime-local', size: 'xs', w: 220 } as const;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        show();
      }}
    >
      <Stack gap="sm">
        <TextInput
          {...field}
          label={`From (${timeZone()})`}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          {...field}
          label={`To (${timeZone()})`}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={start !== undefined && end !== undefined && !isUsable ? 'It ends before it starts' : null}
        />
        <Button type="submit" size="xs" disabled={!isUsable}>
          Show
        </Button>
      </Stack>
    </form>
  );
}

type VariableName = 'source' | 'column' | 'version';
const isVariable = (name: string): name is VariableName => ['source', 'column', 'version'].includes(name);

interface VariableSelectProps {
  readonly name: string;
  readonly title: string;
  readonly values: readonly string[];
}

function VariableSelect({ name, title, values }: VariableSelectProps) {
  const search: DashboardSearch = route.useSearch();
  const navigate = route.useNavigate();
  if (!isVariable(name)) return null;
  const chosen = search[name] ?? [];
  const change = (next: string[]) =>
    void navigate({
      replace: true,
      search: ({ [name]: _old, ...others }) => (next.length === 0 ? others : { ...others, [name]: next }),
    });
  return (
    <MultiSelect
      label={title}
      placeholder={chosen.length === 0 ? 'All' : ''}
      data={[...new Set([...values, ...chosen])]}
      value={[...chosen]}
      onChange={change}
      searchable
      clearable
      size="xs"
      w={chosen.length === 0 ? 150 : 230}
      nothingFoundMessage="None in this window"
    />
  );
}

function WallButton() {
  const navigate = route.useNavigate();
  const open = () => {
    // Refused where a page may not fill the screen; the dashboard then fills its window.
    document.documentElement.requestFullscreen?.().catch(() => {});
    void navigate({ search: (search) => ({ ...search, wall: true }) });
  };
  return (
    <Tooltip label="Full screen, for a screen on a wall">
      <ActionIcon variant="default" size={30} aria-label="Full screen" onClick={open}>
        <IconMaximize size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
