import { type CheckOutcome, renderReport, withParts } from '#contracts';
import { writeFileAtomically } from '#store';

export interface ReportPlaces {
  /** Where the page is written. */
  readonly pages: readonly string[];
  /** The files of the parts, which the page names. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Writes the report of a check as a page of HTML. */
export async function writeReport(result: CheckOutcome['result'], { pages, parts }: ReportPlaces): Promise<void> {
  const named = Object.entries(parts).map(([part, path]) => ({ part, path }));
  const page = withParts(renderReport(result, { checkedAt: new Date().toISOString() }), named);
  for (const file of pages) await writeFileAtomically(file, page);
}
