/*
 * The state of an alert rule, and its notices to people. Pure.
 *
 *   ok, resolved --met--> pending --met for `for`--> firing --clear for RECOVERY_MS--> resolved --RESOLVED_MS--> ok
 *                         pending --clear--> ok
 *   ok, resolved, pending --no data--> no-data --met--> pending, --clear--> ok
 *   firing --no data--> firing: without data nobody knows that it is over
 *   any --off--> ok
 *
 * With a `for` of 0 a rule that is met fires at once. A condition that comes and goes within RECOVERY_MS stays firing,
 * so that it gives one notice and not one for each time.
 *
 * What people were told last (`told`) is part of the state. It follows the state by notices, except while the rule is
 * muted: afterwards people are told what is still true. A rule that never had data is not reported for having none.
 */

export type RuleStateName = 'ok' | 'pending' | 'firing' | 'no-data' | 'resolved';
export type RuleSignal = 'met' | 'clear' | 'no-data' | 'off';
type Told = 'firing' | 'no-data' | null;

export interface RuleState {
  readonly name: RuleStateName;
  readonly since: Date;
  /** Since when a firing rule measures nothing wrong. */
  readonly clearSince: Date | null;
  readonly hadData: boolean;
  readonly told: Told;
  readonly toldAt: Date | null;
}

export interface StateOptions {
  readonly at: Date;
  readonly forMinutes: number;
}

export type RuleNotice = 'firing' | 'no-data' | 'recovered' | 'reminder';

export interface NoticeOptions {
  readonly at: Date;
  readonly isMuted: boolean;
  readonly isAcknowledged: boolean;
  /** Whether missing data give a notice. */
  readonly tellsNoData: boolean;
}

const MINUTE_MS = 60_000;
export const RECOVERY_MS = 5 * MINUTE_MS;
export const RESOLVED_MS = 60 * MINUTE_MS;
/** Data are missing for this long before people are told. */
export const NO_DATA_MS = 15 * MINUTE_MS;
/** A firing rule that nobody acknowledged is repeated. */
export const REMINDER_MS = 24 * 60 * MINUTE_MS;

export const initialState = (at: Date): RuleState => ({
  ...{ name: 'ok', since: at, clearSince: null, hadData: false, told: null, toldAt: null },
});

/** The state after a signal. */
export function nextState(state: RuleState, signal: RuleSignal, { at, forMinutes }: StateOptions): RuleState {
  const known = signal === 'no-data' || signal === 'off' || state.hadData ? state : { ...state, hadData: true };
  const enter = (name: RuleStateName): RuleState =>
    name === known.name ? known : { ...known, name, since: at, clearSince: null };
  const elapsedMs = at.getTime() - known.since.getTime();
  if (signal === 'off') return enter('ok');
  switch (known.name) {
    case 'ok':
    case 'resolved':
      if (signal === 'clear') return known.name === 'resolved' && elapsedMs >= RESOLVED_MS ? enter('ok') : known;
      return enter(signal === 'no-data' ? 'no-data' : forMinutes > 0 ? 'pending' : 'firing');
    case 'pending':
      if (signal === 'met') return elapsedMs >= forMinutes * MINUTE_MS ? enter('firing') : known;
      return enter(signal === 'clear' ? 'ok' : 'no-data');
    case 'no-data':
      if (signal === 'met') return enter(forMinutes > 0 ? 'pending' : 'firing');
      return signal === 'clear' ? enter('ok') : known;
    case 'firing':
      return afterFiring(known, signal, { at, enter });
    default:
      return known.name satisfies never;
  }
}

interface Firing {
  readonly at: Date;
  readonly enter: (name: RuleStateName) => RuleState;
}

function afterFiring(state: RuleState, signal: Exclude<RuleSignal, 'off'>, { at, enter }: Firing): RuleState {
  if (signal !== 'clear') return state.clearSince === null ? state : { ...state, clearSince: null };
  const clearSince = state.clearSince ?? at;
  return at.getTime() - clearSince.getTime() >= RECOVERY_MS ? enter('resolved') : { ...state, clearSince };
}

/** What people are to be told now, and the state that remembers it. */
export function noticeOf(
  state: RuleState,
  options: NoticeOptions,
): { readonly state: RuleState; readonly notice: RuleNotice | undefined } {
  const notice = options.isMuted ? undefined : maybeNotice(state, options);
  if (notice === undefined) return { state, notice };
  const told = notice === 'recovered' ? null : notice === 'no-data' ? 'no-data' : 'firing';
  return { state: { ...state, told, toldAt: told === null ? null : options.at }, notice };
}

function maybeNotice(state: RuleState, { at, isAcknowledged, tellsNoData }: NoticeOptions): RuleNotice | undefined {
  const problem = problemOf(state, { at, tellsNoData });
  if (problem === null) return state.told === null ? undefined : 'recovered';
  if (problem !== state.told) return problem;
  const isRepeated = problem === 'firing' && !isAcknowledged && state.toldAt !== null;
  return isRepeated && at.getTime() - state.toldAt.getTime() >= REMINDER_MS ? 'reminder' : undefined;
}

function problemOf(state: RuleState, { at, tellsNoData }: Pick<NoticeOptions, 'at' | 'tellsNoData'>): Told {
  if (state.name === 'firing') return 'firing';
  const isMissing = state.name === 'no-data' && tellsNoData && state.hadData;
  return isMissing && at.getTime() - state.since.getTime() >= NO_DATA_MS ? 'no-data' : null;
}
