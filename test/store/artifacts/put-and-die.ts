// put-and-die <folder> <content | file> <n>
// Stores one artifact, and at the n-th call to the disk kills itself, in the middle of it when it writes.
// With `wait` in the place of the number it waits at the second write for a line to come in.
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { fsArtifacts } from '../../../src/store/artifacts/fs.ts';
import { bytesNamed, inChunks } from '../../suites/bytes.ts';
import { type DiskCall, diskWith } from './broken-disk.ts';

const [folder = '', how, at] = process.argv.slice(2);
const bytes = bytesNamed('crash', 200_000);

async function die({ name, target, args }: DiskCall): Promise<never> {
  const [content] = args;
  if (name === 'writeFile' && content instanceof Uint8Array) {
    // Only open files have this method.
    await (target as FileHandle).writeFile(content.subarray(0, content.length / 2));
  }
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

async function wait({ proceed }: DiskCall): Promise<unknown> {
  process.stdout.write('waiting\n');
  await once(process.stdin, 'data');
  process.stdin.destroy();
  return proceed();
}

const { disk } = diskWith(at === 'wait' ? { at: 2, of: 'writeFile', meet: wait } : { at: Number(at), meet: die });
const artifacts = await fsArtifacts({ folder }, { disk });
await (how === 'file' ? artifacts.putFile(`${folder}-source`) : artifacts.put(inChunks(bytes, 70_000)));
process.stdout.write('stored\n');
