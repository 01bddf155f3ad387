import type { Goal } from '../define/goal.ts';
import type { Assignment, BatchEnd, NeedAnswer, Outcome } from './executor.ts';

/** From the parent to a child of `processExecutor`. One assignment or batch at a time. */
export type ToChild =
  /** The first one, if the parent has something to hand over. */
  | { readonly kind: 'start'; readonly start: unknown }
  | { readonly kind: 'assign'; readonly assignment: Assignment }
  | { readonly kind: 'assign-batch'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'answer'; readonly question: number; readonly answer: NeedAnswer };

/** From a child to its parent. */
export type FromChild =
  /** `folder` is where the child makes private folders, so that the parent can remove those of a dead child. */
  | { readonly kind: 'ready'; readonly folder: string }
  | { readonly kind: 'need'; readonly question: number; readonly goal: Goal }
  /** The log of the attempt so far; of a batch, that of the item. */
  | { readonly kind: 'log'; readonly item: number; readonly text: string }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'report'; readonly item: number; readonly outcome: Outcome }
  | { readonly kind: 'batch-ended'; readonly end: BatchEnd };
