/** The places of a process where it can be killed, each passed under a name that says what is written there. */
export interface FaultPoints {
  /** Kills this process when the place is the target. */
  readonly reach: (name: string) => void;
  /** Every place so far as `<name> <n>`: the n-th time that this name was passed. */
  readonly passed: readonly string[];
}

/** Fault points of which the one called `target` kills; any other text kills nowhere. */
export function faultPoints(target: string): FaultPoints {
  const counts = new Map<string, number>();
  const passed: string[] = [];
  return {
    passed,
    reach: (name) => {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const place = `${name} ${count}`;
      passed.push(place);
      if (place === target) process.kill(process.pid, 'SIGKILL');
    },
  };
}

/** Not the `update` of a lock or of an upsert. */
const WRITES =
  /\b(insert\s+into|(?<!\b(?:for|do)\s+)update|delete\s+from|truncate|create\s+\w+)\s+(?:if\s+not\s+exists\s+)?([\w."]+)/gi;

/** What a statement writes, such as `insert into manifests`; undefined when it only reads. */
export function maybeWriteName(sql: string): string | undefined {
  const writes = [...sql.matchAll(WRITES)].map(([, verb = '', what = '']) => `${verb} ${what}`.toLowerCase());
  return writes.length === 0 ? undefined : [...new Set(writes)].join(', ');
}
