import type { Late } from '../check/pass.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { LateOfPart, ownBits } from './late-of-part.ts';
import type { PartFindings } from './part-findings.ts';
import { type PassedPart, type PassOfPart, type PassPartOptions, passPart } from './pass-part.ts';
import type { PlanOfPart } from './set-plan.ts';

export interface LatePart {
  readonly own: PlanOfPart;
  readonly findings: PartFindings;
  readonly late: Late;
  /** Files of the rows that repeat a key of an earlier part. */
  readonly notes: readonly string[];
  /** Pairs of a row of the part and a bit of SQL. */
  readonly sql: readonly number[];
}

/** Whether comparing a part with others makes its rows others than its own pass found. */
export function isPartedAgain({ own, findings, late, notes, sql }: LatePart): boolean {
  if (late.reasons.length > 0 || notes.length > 0 || sql.length > 0) return true;
  return [...ownBits(late.bits, own)].some((bit) => (findings.counted?.counts[bit] ?? 0) > 0);
}

/**
 * Parts the rows of a part once more, with what is known since all parts were compared.
 *
 * @throws UndecodableError when the file changed meanwhile.
 */
export async function passAgain(
  options: PassPartOptions,
  part: LatePart,
): Promise<PassedPart & { readonly pass: PassOfPart }> {
  const { own, findings, late } = part;
  const rows = new LateOfPart(own, part);
  try {
    const passed = await passPart(options, { late: { ...late, bits: ownBits(late.bits, own), rows }, isAsked: false });
    const { pass } = passed;
    if (pass !== undefined && pass.facts.digest === findings.digest) return { ...passed, pass };
  } finally {
    await rows.close();
  }
  throw new UndecodableError('The file changed while it was read: its second reading is not its first.');
}
