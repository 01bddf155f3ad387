import type { CharacterSet } from './character-set.ts';

/** What is required of a place between two characters; nothing is read there. */
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-boundary' | 'no-word-boundary';

/** A pattern as read. Groups leave no trace: only whether a text matches is ever asked. */
export type PatternNode =
  | { readonly kind: 'set'; readonly characters: CharacterSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly part: PatternNode;
      readonly least: number;
      /** Infinite where there is no bound. */
      readonly most: number;
    };

/** Reads nothing. */
export const NOTHING: PatternNode = { kind: 'sequence', parts: [] };
