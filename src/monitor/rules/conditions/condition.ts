import type { z } from 'zod';
import type { Database, Queryable } from '#store';
import type { Alert } from '../../alerts/alert.ts';

export type Unit = 'count' | 'share' | 'minutes' | 'intervals' | 'number';

/** What a rule measured at a moment; undefined when there were no data. */
export type Measured = { readonly value: number; readonly detail: string | null } | undefined;

export interface Question<P> {
  readonly database: Database;
  readonly params: P;
  /** Oldest first. The present is one moment, a trial has many, so that both are answered by the same code. */
  readonly moments: readonly Date[];
  /** The model of the project. */
  readonly model: string;
}

/** A kind of alert rule: what it measures, at any moment, from what the database remembers. */
export interface Condition<S extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  /** What is wrong when it is met, in a few words. */
  readonly title: string;
  /** What a new rule has until somebody chooses otherwise. */
  readonly suggested: {
    readonly threshold: number;
    readonly forMinutes?: number;
    readonly severity: Alert['criticality'];
  };
  readonly unit: Unit;
  /** When the condition is met: the value is at least the threshold, or below it. */
  readonly firesWhen: 'at-least' | 'below';
  /** Each with a description in its metadata, and a unit where it has one; `names` says what a text is the name of. */
  readonly params: S;
  /** How often the value is worth measuring. */
  readonly everyMinutes: number;
  /** Why it cannot be tried against the past; absent when it can. */
  readonly untriable?: string;
  /** What is measured, in a sentence for people. */
  describe(params: z.output<S>): string;
  /** The run that a notice of the rule is about at a moment; absent where it is about none. */
  runOf?(queryable: Queryable, asked: { readonly params: z.output<S>; readonly at: Date }): Promise<string | undefined>;
  /** The value at each moment, in their order. */
  measure(question: Question<z.output<S>>): Promise<readonly Measured[]>;
}

export const defineCondition = <S extends z.ZodObject>(condition: Condition<S>): Condition<S> => condition;

/**
 * Answers by SQL: a query of `value` and `detail` at the moment `m.at`. Its values are `$2` and so on. No row, or a null
 * value, means no data.
 */
export function bySql<P>(
  sql: string,
  valuesOf: (question: Question<P>) => readonly unknown[],
): (question: Question<P>) => Promise<readonly Measured[]> {
  const statement = `
    select measured.value::float8 as value, measured.detail
      from unnest($1::timestamptz[]) with ordinality as m (at, number) left join lateral (${sql}) as measured on true
     order by m.number`;
  return async (question) => {
    const rows = await question.database.query<{ readonly value: number | null; readonly detail: string | null }>(
      statement,
      [[...question.moments], ...valuesOf(question)],
    );
    return rows.map(({ value, detail }) => (value === null ? undefined : { value, detail }));
  };
}
