import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { RUN_EVENTS_PATH } from '#api';

/** `waiting` until the first answer; `lost` while the browser tries to connect again. */
export type Connection = 'waiting' | 'live' | 'lost';

/** The queries that a change of a run affects. */
const TOUCHED_BY_RUNS = [
  'runs',
  'run',
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
/** One run sends many events; a reload for each would be many per second. */
const COLLECT_MS = 400;

const ConnectionContext = createContext<Connection>('waiting');

/** Listens to the server's run events and reloads the affected queries. */
export function LiveUpdates({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('waiting');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const key of TOUCHED_BY_RUNS) void client.invalidateQueries({ queryKey: [key] });
      }, COLLECT_MS);
    };
    let isLost = false;
    const events = new EventSource(RUN_EVENTS_PATH);
    events.addEventListener('run', refresh);
    events.onopen = () => {
      setConnection('live');
      // Anything may have changed while nobody listened, and what could not be read then is read now.
      if (isLost) void client.invalidateQueries();
      else refresh();
      isLost = false;
    };
    events.onerror = () => {
      isLost = true;
      setConnection('lost');
    };
    return () => {
      clearTimeout(timer);
      events.close();
    };
  }, [client]);
  return <ConnectionContext value={connection}>{children}</ConnectionContext>;
}

/** Whether live changes are connected. */
export function useConnection(): Connection {
  return useContext(ConnectionContext);
}
