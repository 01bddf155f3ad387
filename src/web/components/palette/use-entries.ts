import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { includesRole } from '#api';
import { call } from '../../client.ts';
import { dashboardsQuery, foundFilesQuery, latestRunsQuery, modelsQuery, projectQuery } from '../../queries.ts';
import { sessionQuery } from '../../session.ts';
import { localZone, showTimesIn, timeZone } from '../../zone.ts';
import { NAVIGATION } from '../Navigation.tsx';
import { maybeKeys } from '../shortcuts.ts';
import { stateLook } from '../states.tsx';
import { findEntries, type PaletteEntry } from './entries.ts';

/** Only where people log in. */
const ACCESS_PAGES = [
  { to: '/account', title: 'Your account: password and sessions', needed: 'viewer' },
  { to: '/users', title: 'Users and keys', needed: 'admin' },
  { to: '/audit-log', title: 'Audit log', needed: 'admin' },
] as const;

/** How many runs and files the server is asked for. */
const FOUND_MAX = 5;

/** What the palette offers for a text: pages, actions, pipelines and model versions, then runs and files. */
export function useEntries(text: string, searched: string): readonly PaletteEntry[] {
  const own = [...usePages(), ...useActions(), ...useVersions()];
  const found = useFound(searched);
  return [...findEntries(own, text), ...(text.trim() === '' ? [] : found)];
}

function usePages(): PaletteEntry[] {
  const navigate = useNavigate();
  const hasModel = useQuery(projectQuery).data?.hasModel ?? true;
  const identity = useQuery(sessionQuery).data?.identity;
  const own = ACCESS_PAGES.filter(({ needed }) => identity?.kind === 'user' && includesRole(identity.role, needed));
  const dashboards = useQuery(dashboardsQuery).data?.items ?? [];
  const pages = NAVIGATION.flatMap(({ entries }) => entries).filter(({ isOfModel }) => hasModel || isOfModel !== true);
  return [
    ...pages.map(({ to, label }) => ({
      ...{ id: `page ${to}`, kind: 'Page', title: label, keys: maybeKeys(to) },
      choose: () => void navigate({ to }),
    })),
    ...(hasModel ? dashboards : []).map(({ id, title }) => ({
      ...{ id: `dashboard ${id}`, kind: 'Dashboard', title },
      choose: () => void navigate({ to: '/dashboards/$id', params: { id } }),
    })),
    ...own.map(({ to, title }) => ({
      ...{ id: `page ${to}`, kind: 'Page', title },
      choose: () => void navigate({ to }),
    })),
    { id: 'page reports', kind: 'Page', title: 'Index of reports', choose: () => void navigate({ to: '/reports' }) },
    {
      id: 'page docs',
      kind: 'Page',
      title: 'API documentation',
      choose: () => void window.open('/docs', '_blank', 'noreferrer'),
    },
  ];
}

function useActions(): PaletteEntry[] {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const pipelines = useQuery(projectQuery).data?.pipelines ?? [];
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  const zone = timeZone() === localZone() ? 'UTC' : localZone();
  const start = async (name: string) => {
    try {
      const { runId } = await call('startRun', { params: { name }, body: null });
      void queries.invalidateQueries({ queryKey: ['runs'] });
      await navigate({ to: '/runs/$id', params: { id: runId } });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      notifications.show({ color: 'red', title: `${name} did not start`, message });
    }
  };
  return [
    ...pipelines
      .filter(({ needsParams }) => !needsParams)
      .map(({ name }) => ({
        ...{ id: `start ${name}`, kind: 'Action', title: `Start ${name} now` },
        choose: () => void start(name),
      })),
    ...pipelines.map(({ name }) => ({
      ...{ id: `pipeline ${name}`, kind: 'Pipeline', title: `Runs of ${name}` },
      choose: () => void navigate({ to: '/runs', search: { pipeline: name } }),
    })),
    {
      ...{ id: 'scheme', kind: 'Action', title: `Use ${scheme} colours` },
      choose: () => setColorScheme(scheme),
    },
    {
      ...{ id: 'zone', kind: 'Action', title: `Show times in ${zone}` },
      choose: () => showTimesIn(zone === localZone() ? undefined : zone),
    },
  ];
}

function useVersions(): PaletteEntry[] {
  const navigate = useNavigate();
  const hasModel = useQuery(projectQuery).data?.hasModel ?? false;
  const versions = useQuery({ ...modelsQuery, enabled: hasModel }).data?.versions ?? [];
  return versions.flatMap(({ model, version, aliases }) => {
    const choose = () => void navigate({ to: '/models', search: { 'versions.search': `${model}@${version}` } });
    const name = `${model}@${version}`;
    return [
      { id: `version ${version}`, kind: 'Model version', title: [name, ...aliases].join(', '), choose },
      ...(aliases.includes('champion')
        ? []
        : [{ id: `promote ${version}`, kind: 'Action', title: `Promote ${name}`, choose }]),
    ];
  });
}

function useFound(searched: string): PaletteEntry[] {
  const navigate = useNavigate();
  const isAsked = searched !== '';
  const asked = { search: searched, limit: FOUND_MAX };
  const runs = useQuery({ ...latestRunsQuery(asked), enabled: isAsked }).data?.items ?? [];
  const files = useQuery({ ...foundFilesQuery(asked), enabled: isAsked }).data?.items ?? [];
  return [
    ...runs.map(({ id, pipeline, state }) => ({
      ...{ id: `run ${id}`, kind: 'Run', title: `${id}, ${pipeline}, ${stateLook(state).word.toLowerCase()}` },
      choose: () => void navigate({ to: '/runs/$id', params: { id } }),
    })),
    ...files.map(({ id, file }) => ({
      ...{ id: `file ${id}`, kind: 'File', title: file },
      choose: () => void navigate({ to: '/data', search: { check: id } }),
    })),
  ];
}
