/*
 * The rule about the database, while nothing can be written to it: it is evaluated in memory, and its notice is sent
 * through the channels themselves, once to each that accepts it. When the database answers, state and history are stored
 * and the recovery notice goes the usual way. Each server that loses the database tells of it, because without a
 * database they cannot agree who does; all send the same incident key.
 */
import type { Channel, DeliveryOutcome } from '../alerts/channels/channel.ts';
import { channelsOf } from '../alerts/route.ts';
import { DATABASE_UNREACHABLE } from './conditions/database.ts';
import type { Carried } from './evaluate-rules.ts';
import type { Mute } from './mutes.ts';
import { noticesOf } from './notices.ts';
import type { AlertRule } from './rule.ts';
import { initialState } from './state.ts';
import type { StoredState, Transition } from './states.ts';
import { stepRule } from './step-rule.ts';

const MINUTE_MS = 60_000;

export interface OutageOptions {
  /** The rule, as it was when the database last answered. */
  readonly rule: AlertRule;
  /** Its mute, as it was then. */
  readonly mute: Mute | undefined;
  readonly channels: readonly Channel[];
  readonly link: string | null;
  /** When the database last answered. */
  readonly since: Date;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** One outage of the database, from the first evaluation that failed. */
export class Outage {
  readonly #options: OutageOptions;
  readonly #told = new Set<string>();
  #state: StoredState;
  #transitions: Omit<Transition, 'alertId'>[] = [];

  constructor(options: OutageOptions) {
    this.#options = options;
    const { rule, since } = options;
    this.#state = {
      ...{ ...initialState(since), rule: rule.name, hadData: true, value: null, detail: null },
      ...{ measuredAt: null, evaluatedAt: since, acknowledged: null },
    };
  }

  /** Evaluates the rule without the database, and sends its notice to channels that have not accepted it yet. */
  async pass(at: Date): Promise<void> {
    const { rule, mute, since } = this.#options;
    const value = (at.getTime() - since.getTime()) / MINUTE_MS;
    const measured = { value, detail: `last written at ${since.toISOString()}` };
    const step = stepRule({ rule, stored: this.#state, mute, measured, at });
    this.#state = step.after;
    if (step.transition !== undefined) this.#transitions.push(step.transition);
    if (step.after.told === 'firing') await this.#tell();
  }

  /** What an evaluation stores when the database answers again; undefined when the rule never changed. */
  get carried(): Carried | undefined {
    return this.#transitions.length === 0 ? undefined : { state: this.#state, transitions: this.#transitions };
  }

  async #tell(): Promise<void> {
    const { rule, channels, link, signal, onError } = this.#options;
    const { since, value, detail } = this.#state;
    const noticed = { rule, state: this.#state, value, detail, notice: 'firing' as const };
    const [alert] = noticesOf([noticed], { at: since, link });
    if (alert === undefined) return;
    const names = new Set(channelsOf(alert, channels));
    const left = channels.filter(({ name }) => names.has(name) && !this.#told.has(name));
    await Promise.all(
      left.map(async (channel) => {
        const outcome = await channel.send(alert, signal).catch((error: unknown): DeliveryOutcome => {
          onError(error);
          return { kind: 'unavailable', reason: 'the channel failed' };
        });
        if (outcome.kind !== 'unavailable') this.#told.add(channel.name);
      }),
    );
  }
}

/** The rule about the database among the rules of a project; undefined when there is none that is enabled. */
export const maybeDatabaseRule = (rules: readonly AlertRule[]): AlertRule | undefined =>
  rules.find(({ kind, enabled }) => kind === DATABASE_UNREACHABLE && enabled);
