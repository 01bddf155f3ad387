import { scrub, shortDigest } from '#engine';
import { toCountText, toSizeText } from '#store';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { thenOnRecord } from '../../on-record.ts';

/** Reads all stored bytes and compares them with their digests. Exit code 1 when something was damaged or missing. */
export async function scrubArtifacts(options: InProject<ProjectFlags>): Promise<number> {
  const report = await withProject('project', options, ({ wiring: { database, artifacts }, signal }) =>
    options.show('Reading stored bytes', () =>
      thenOnRecord(database, { action: 'weir scrub', toAfter: (done) => done }, () =>
        scrub({ database, artifacts, signal }),
      ),
    ),
  );
  const { blobs, sizeBytes, findings } = report;
  const lines = findings.map(({ kind, digest, action }) => `  ${kind.padEnd(8)}  ${shortDigest(digest)}: ${action}\n`);
  options.print(
    options.json
      ? `${JSON.stringify(report)}\n`
      : printable(
          `${lines.join('')}${toCountText(blobs, 'artifact')}, ${toSizeText(sizeBytes)} read; ${toCountText(findings.length, 'finding')}\n`,
        ),
  );
  return findings.length === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
}
