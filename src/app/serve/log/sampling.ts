import type { LogFn, LoggerOptions } from 'pino';

/** How many equal lines are written in one period; the next period starts with the number left out. */
const LINES_MAX = 5;
const PERIOD_MS = 60_000;
/** How many distinct messages are remembered; beyond that the oldest is dropped, and may be written again. */
const MESSAGES_MAX = 1_000;
const INFO = 30;

interface Spell {
  readonly startedAt: number;
  written: number;
  left: number;
}

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>;

/**
 * Keeps a repeating error, such as an unreachable database, from filling the log: of equal lines, except debug lines,
 * the first five per minute are written. `left` on a later line is how many were left out before it.
 */
export function sampleRepeats(now: () => number = Date.now): LogMethod {
  const spells = new Map<string, Spell>();
  return function (this: ThisParameterType<LogMethod>, args, method, level) {
    if (level < INFO) {
      method.apply(this, args);
      return;
    }
    const key = keyOf(args);
    const known = spells.get(key);
    const isOver = known === undefined || now() - known.startedAt >= PERIOD_MS;
    const spell: Spell = isOver ? { startedAt: now(), written: 0, left: 0 } : known;
    if (isOver) {
      spells.delete(key);
      spells.set(key, spell);
      const [oldest] = spells.keys();
      if (spells.size > MESSAGES_MAX && oldest !== undefined) spells.delete(oldest);
    }
    if (spell.written >= LINES_MAX) {
      spell.left += 1;
      return;
    }
    spell.written += 1;
    method.apply(this, isOver ? withLeft(args, known?.left ?? 0) : args);
  };
}

type Args = Parameters<LogFn>;

/** What identifies equal lines: the message, and the error's code or message. */
function keyOf([first, second]: Args | readonly unknown[]): string {
  if (typeof first !== 'object' || first === null) return String(first);
  const fields = first as {
    readonly code?: unknown;
    readonly err?: { readonly code?: unknown; readonly message?: unknown };
  };
  return [second, fields.code, fields.err?.code ?? fields.err?.message].map(String).join(' ');
}

function withLeft(args: Args, left: number): Args {
  if (left === 0) return args;
  const [first, ...rest] = args as readonly unknown[];
  const fields = typeof first === 'object' && first !== null ? first : {};
  const message = typeof first === 'object' ? rest : [first, ...rest];
  // The same arguments with one field more.
  return [{ ...fields, left }, ...message] as unknown as Args;
}
