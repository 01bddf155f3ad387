import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { RUN_EVENTS_PATH } from '#api';
import { createRefresher } from './refresher.ts';

/** `waiting` until the first answer; `lost` while the browser tries to connect again. */
export type Connection = 'waiting' | 'live' | 'lost';

/** The queries that a change of a run affects. */
const TOUCHED_BY_RUNS = [
  'runs',
  'project',
  'schedules',
  'files',
  'checks',
  'past-predictions',
  'alerts',
  'alert-rules',
  'models',
  'drift',
] as const;
/** How long after a refusal the stream is asked for again. */
const REFUSED_WAIT_MS = 5_000;

const ConnectionContext = createContext<Connection>('waiting');

/** Listens to the server's run events and reloads the affected queries. */
export function LiveUpdates({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [attempt, setAttempt] = useState(0);
  const [connection, setConnection] = useState<Connection>('waiting');
  useEffect(() => {
    const reload = (queryKey: readonly string[]) => client.invalidateQueries({ queryKey });
    const refresher = createRefresher({
      refresh: (runIds) =>
        Promise.all([...[...runIds].map((id) => reload(['run', id])), ...TOUCHED_BY_RUNS.map((key) => reload([key]))]),
    });
    let isLost = attempt > 0;
    let again: ReturnType<typeof setTimeout> | undefined;
    const events = new EventSource(RUN_EVENTS_PATH);
    events.addEventListener('run', ({ data }) => refresher.changed(toRunId(data)));
    events.onopen = () => {
      setConnection('live');
      // Anything may have changed while nobody listened, and what could not be read then is read now.
      if (isLost) void client.invalidateQueries();
      else for (const key of ['run', ...TOUCHED_BY_RUNS]) void reload([key]);
      isLost = false;
    };
    events.onerror = () => {
      isLost = true;
      setConnection('lost');
      // Refused: the browser gives up. The session may have ended, or too many pages may follow.
      if (events.readyState !== EventSource.CLOSED) return;
      void client.invalidateQueries({ queryKey: ['session'] });
      again = setTimeout(() => setAttempt(attempt + 1), REFUSED_WAIT_MS);
    };
    return () => {
      refresher.stop();
      clearTimeout(again);
      events.close();
    };
  }, [client, attempt]);
  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}

/** The run that an event names: `{"id": "12"}`. */
function toRunId(data: unknown): string {
  const event: unknown = JSON.parse(String(data));
  return typeof event === 'object' && event !== null && 'id' in event ? String(event.id) : '';
}

/** Whether live changes are connected. */
export function useConnection(): Connection {
  return useContext(ConnectionContext);
}
