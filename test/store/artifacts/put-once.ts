// put-once <folder> [too many]: stores one artifact, with as many files open as there may be; then again with fewer.
import { closeSync, openSync } from 'node:fs';
import { fsArtifacts } from '../../../src/store/artifacts/fs.ts';
import { bytesNamed } from '../../suites/bytes.ts';

const [folder = '', tooMany] = process.argv.slice(2);

async function attempt(work: () => Promise<string>): Promise<string> {
  return work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
}

function openAll(): readonly number[] {
  const opened: number[] = [];
  try {
    for (;;) opened.push(openSync('/dev/null', 'r'));
  } catch {
    return opened;
  }
}

const outcome: Record<string, string> = {};
outcome.first = await attempt(async () => {
  const artifacts = await fsArtifacts({ folder });
  const opened = tooMany ? openAll() : [];
  const put = async (): Promise<string> => (await artifacts.put(bytesNamed('once'))).digest;
  const first = await attempt(put);
  for (const descriptor of opened) closeSync(descriptor);
  outcome.second = await attempt(put);
  return first;
});
process.stdout.write(JSON.stringify(outcome));
