import { headerViolations } from '../check/header-violations.ts';
import { structureViolations } from '../check/structure.ts';
import type { Violation, ViolationExample } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { SAMPLES_MAX } from '../sweep/samples.ts';
import { headerOfPart, type PartFindings } from './part-findings.ts';

const NAMED_MAX = 3;

/** A part as a check names it. */
export interface NamedFindings extends PartFindings {
  readonly name: string;
}

/** What is wrong with records and headers of parts, as violations of the whole dataset. */
export function structureOfParts(
  parts: readonly NamedFindings[],
  { contractOf, rowsIn }: { readonly contractOf: (part: PartFindings) => Contract; readonly rowsIn: number },
): readonly Violation[] {
  const found = parts.flatMap((part) => {
    if (part.names === null) return [];
    const contract = contractOf(part);
    const { good, bad, rejected } = part.rows;
    const structure = {
      header: part.names,
      faults: new Map(part.faults),
      firstRejected: new Map(part.firstRejected),
    };
    const violations = [
      // Of a part without rows nothing is wrong, as others may have some.
      ...structureViolations(structure, { rowsIn: Math.max(1, good + bad + rejected), contract }),
      ...headerViolations(contract, headerOfPart(part), good + bad),
    ];
    return violations.map((violation) => ({ violation, part: part.name }));
  });
  return [...emptyParts(parts), ...merged(found, rowsIn), ...withoutRows(parts, rowsIn)];
}

interface FoundInPart {
  readonly violation: Violation;
  readonly part: string;
}

/** The same violations of several parts as one. */
function merged(found: readonly FoundInPart[], rowsIn: number): readonly Violation[] {
  const groups = new Map<string, { first: Violation; rows: number; parts: string[]; examples: ViolationExample[] }>();
  for (const { violation, part } of found) {
    const key = JSON.stringify([violation.expectation, violation.column ?? null, violation.sentence]);
    const group = groups.get(key) ?? { first: violation, rows: 0, parts: [], examples: [] };
    group.rows += violation.rows;
    group.parts.push(part);
    group.examples.push(...(violation.examples ?? []).map((example) => ({ partition: part, ...example })));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, rows, examples }) => ({
    ...first,
    rows,
    share: rowsIn === 0 ? 0 : rows / rowsIn,
    ...(first.examples === undefined ? {} : { examples: examples.slice(0, SAMPLES_MAX) }),
  }));
}

function emptyParts(parts: readonly NamedFindings[]): readonly Violation[] {
  const empty = parts.filter(({ names }) => names === null).map(({ name }) => name);
  if (empty.length === 0) return [];
  const named = empty.slice(0, NAMED_MAX).join(', ');
  const more = empty.length > NAMED_MAX ? ` and ${empty.length - NAMED_MAX} more` : '';
  const sentence = `${named}${more} ${empty.length === 1 ? 'is' : 'are'} empty: there is not even a header`;
  const severity = empty.length === parts.length ? 'fail' : 'warn';
  return [{ expectation: 'not-empty', category: 'structure', severity, rows: 0, share: 0, sentence }];
}

function withoutRows(parts: readonly NamedFindings[], rowsIn: number): readonly Violation[] {
  if (rowsIn > 0 || parts.every(({ names }) => names === null)) return [];
  const sentence = 'no part has a row';
  return [{ expectation: 'not-empty', category: 'structure', severity: 'warn', rows: 0, share: 0, sentence }];
}
