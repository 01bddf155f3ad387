import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CatchUp } from '#engine';
import type { Database } from '#store';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { expressionsOf, fewMinutes } from './expressions.ts';
import { ticksByMinute } from './oracle.ts';
import { Simulation, short } from './simulation.ts';

const MINUTE_MS = 60_000;
const LATE_MS = 60_000;
const DAYS = ['2026-03-28', '2026-10-24', '2026-03-07', '2026-04-04', '2026-09-05', '2026-06-15', '2028-02-28'];

let database: Database;
let count = 0;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const catchUps: fc.Arbitrary<CatchUp> = fc.oneof(
  fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
  fc.integer({ min: 1, max: 4 }).map((atMost) => ({ atMost })),
);
/** Minutes up and down by turns, up at the end; half minutes, so that no engine comes or goes in the second of a tick. */
const spells = fc
  .array(fc.tuple(fc.integer({ min: 3, max: 90 }), fc.integer({ min: 3, max: 900 })), { minLength: 1, maxLength: 3 })
  .map((pairs) => [...pairs.flat(), 30]);

/** What must run: ticks while an engine is up, and of each outage what the catch-up says. */
function expectedTicks(ticks: readonly Date[], spans: readonly Span[], catchUp: CatchUp): readonly Date[] {
  return spans.flatMap(({ isUp, from, to }) => {
    const within = ticks.filter((tick) => tick > from && tick <= to);
    if (isUp || catchUp === 'all') return within;
    if (catchUp === 'none') return within.slice(-1).filter((tick) => to.getTime() - tick.getTime() <= LATE_MS);
    return within.slice(catchUp === 'latest' ? -1 : -catchUp.atMost);
  });
}

interface Span {
  readonly isUp: boolean;
  readonly from: Date;
  readonly to: Date;
}

function spansOf(start: Date, minutes: readonly number[]): readonly Span[] {
  let from = start;
  return minutes.map((length, index) => {
    const to = new Date(from.getTime() + length * MINUTE_MS);
    const span = { isUp: index % 2 === 0, from, to };
    from = to;
    return span;
  });
}

describe('through any outages, in any zone', () => {
  it('the intervals that run are those a look at every minute finds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ expression: expressionsOf(fewMinutes), catchUp: catchUps, spells, day: fc.constantFrom(...DAYS) }),
        async ({ expression, catchUp, spells: minutes, day }) => {
          const start = new Date(`${day}T00:00:30Z`);
          const spans = spansOf(start, minutes);
          const simulation = new Simulation({
            ...{ database, pipeline: `given-${++count}`, start: start.toISOString(), runMs: 100 },
            schedule: { cron: expression.cron, timeZone: expression.timeZone, catchUp, overlap: 'queue' },
          });
          for (const { isUp, to } of spans) {
            if (!isUp) {
              simulation.clock.set(to.toISOString());
              continue;
            }
            const end = simulation.follow();
            await simulation.runUntil(to.toISOString());
            await end();
            await simulation.recover();
          }
          const until = spans.at(-1)?.to ?? start;
          const ticks = ticksByMinute(expression, { after: start, until });
          expect(simulation.ticks()).toEqual(expectedTicks(ticks, spans, catchUp).map(short));
          for (const { tick, from } of simulation.runs.slice(-3)) {
            const before = ticksByMinute(expression, {
              ...{ after: new Date(Date.parse(`${tick}Z`) - 2 * 86_400_000), until: new Date(`${tick}Z`) },
            });
            expect(from).toBe(before.at(-2) && short(before.at(-2) as Date)); // A tick is a date.
          }
        },
      ),
      { numRuns: propertyRuns(20), seed: 43 },
    );
  });
});
