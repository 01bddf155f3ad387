import fc from 'fast-check';
import type { Alert } from '#monitor';
import { alertFor } from './results.ts';

// One that fills a message alone takes long to draw: two do, and those of the facts do together.
const hostile = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength, size: 'max' }),
    fc.constantFrom('\u0000'.repeat(30_000), '\ud800'.repeat(30_000), '\\*"&<>'.repeat(6_000), '😀'.repeat(9_000), ''),
  );

/** Alerts whose texts are as long and as strange as those of files and cells can be. */
export const hostileAlerts: fc.Arbitrary<Alert> = fc
  .record({
    title: hostile(40_000),
    summary: hostile(40_000),
    facts: fc.array(fc.record({ title: hostile(3_000), value: hostile(3_000) }), { maxLength: 12 }),
    dedupeKey: fc.oneof(fc.constant('a1'), fc.constant('é'.repeat(300))),
    state: fc.constantFrom('firing' as const, 'resolved' as const),
  })
  .map((texts) => ({ ...alertFor(), ...texts }));
