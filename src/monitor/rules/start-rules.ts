import type { Database } from '#store';
import { after } from '../after.ts';
import type { Channel } from '../alerts/channels/channel.ts';
import { type Repeating, repeat } from '../repeat.ts';
import { effectiveRules } from './changes.ts';
import { evaluateRules } from './evaluate-rules.ts';
import { type GaugeReaders, sampleGauges } from './gauges.ts';
import { type Mute, mutesAt } from './mutes.ts';
import { maybeDatabaseRule, Outage, type OutageOptions } from './outage.ts';
import type { AlertRule } from './rule.ts';

export interface RulesOptions {
  /** The rules of contract, schedules and settings. */
  readonly defined: readonly AlertRule[];
  readonly model: string;
  readonly channels: readonly Channel[];
  /** Absolute address of the page of alerts; null when there is none. */
  readonly link: string | null;
  readonly gauges: GaugeReaders;
}

export interface RulesEffects {
  now(): Date;
  /** Calls back once after the delay; the result cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Called when something cannot be evaluated; the evaluation continues by itself. */
  onError(error: unknown): void;
}

const EVERY_MS = 60_000;
const EFFECTS: RulesEffects = { after, now: () => new Date(), onError: () => {} };

/** Evaluates the alert rules at once and then each minute, until stopped; also while the database cannot be reached. */
export function startRules(database: Database, options: RulesOptions, effects: Partial<RulesEffects> = {}): Repeating {
  const all = { ...EFFECTS, ...effects };
  const evaluator = createEvaluator(database, options, all);
  const repeating = repeat(() => evaluator.pass(), { pauseMs: EVERY_MS, after: all.after });
  return {
    stop: async () => {
      const stopped = repeating.stop();
      evaluator.abort();
      await stopped;
    },
  };
}

export interface Evaluator {
  /** Evaluates once; never throws. */
  pass(): Promise<void>;
  /** Aborts what is being sent. */
  abort(): void;
}

/** What evaluates the rules, and remembers between two evaluations whether the database answered. */
export function createEvaluator(
  database: Database,
  options: RulesOptions,
  { now, onError }: Pick<RulesEffects, 'now' | 'onError'>,
): Evaluator {
  const { defined, gauges, channels, link } = options;
  const aborting = new AbortController();
  let outage: Outage | undefined;
  let answeredAt = now();
  let known: Pick<OutageOptions, 'rule' | 'mute'> | undefined = toKnown(maybeDatabaseRule(defined));
  const evaluate = async (at: Date): Promise<void> => {
    await sampleGauges(database, gauges, { at, onError });
    await evaluateRules(database, { ...options, at, carried: outage?.carried, onError });
    // People may have changed or muted it since the start.
    const rule = maybeDatabaseRule(await effectiveRules(database, defined));
    known = toKnown(rule, await mutesAt(database, at));
    outage = undefined;
    answeredAt = at;
  };
  const pass = async (): Promise<void> => {
    const at = now();
    try {
      await evaluate(at);
    } catch (error) {
      onError(error);
      // Whatever the reason, such as a database that only reads: nothing was evaluated, and nobody else says so.
      if (known === undefined) return;
      outage ??= new Outage({ ...known, channels, link, since: answeredAt, signal: aborting.signal, onError });
      await outage.pass(at);
    }
  };
  return { pass, abort: () => aborting.abort() };
}

const toKnown = (rule: AlertRule | undefined, mutes: ReadonlyMap<string, Mute> = new Map()) =>
  rule && { rule, mute: mutes.get(rule.name) };
