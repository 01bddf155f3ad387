import { describe, expect, it } from 'vitest';
import { fsArtifacts, verifyArtifact } from '#store';
import type { Disk } from '../../../src/store/artifacts/disk.ts';
import { listOf } from '../../suites/artifact-driver.ts';
import { bytesNamed, digestOf, inChunks } from '../../suites/bytes.ts';
import { forgetfulDisk, type PowerLoss } from './forgetful-disk.ts';

const FOLDER = '/state/kept/artifacts';
const SOURCE = '/source';
const bytes = bytesNamed('power', 10_000);
const digest = digestOf(bytes);

class PowerIsOff extends Error {}

/** Counts the calls that change something, of open files too, and ends the power before the n-th. */
function endingAt<T extends object>(target: T, power: { left: number }): T {
  return new Proxy(target, {
    get: (_, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || name === 'createReadStream') return member;
      return async (...args: readonly unknown[]) => {
        if (power.left === 0) throw new PowerIsOff();
        power.left--;
        const result: unknown = await Reflect.apply(member, target, args);
        return name === 'open' && typeof result === 'object' && result !== null ? endingAt(result, power) : result;
      };
    },
  });
}

async function writeSource(disk: Disk): Promise<void> {
  const handle = await disk.open(SOURCE, 'wx');
  await handle.writeFile(bytes);
  await handle.datasync();
  const root = await disk.open('/', 'r');
  await root.sync();
}

/** Stores until the power goes off; true when the driver had said that it is stored. */
async function storeUntilOff(disk: Disk, how: 'put' | 'putFile', left: number): Promise<boolean> {
  const ending = endingAt(disk, { left });
  try {
    const artifacts = await fsArtifacts({ folder: FOLDER }, { disk: ending });
    await (how === 'put' ? artifacts.put(inChunks(bytes, 3000)) : artifacts.putFile(SOURCE));
    return true;
  } catch {
    return false;
  }
}

describe('a power loss', () => {
  it.each([
    ['put', 'unsynced names'],
    ['put', 'unsynced content'],
    ['putFile', 'unsynced names'],
    ['putFile', 'unsynced content'],
  ] as const)('during %s that takes %s leaves what was stored, and nothing damaged', async (how, loss: PowerLoss) => {
    let losses = 0;
    for (let left = 0; ; left++) {
      const { disk, losePower } = forgetfulDisk();
      await writeSource(disk);
      const isStored = await storeUntilOff(disk, how, left);
      const after = await fsArtifacts({ folder: FOLDER }, { disk: losePower(loss) });
      const listed = await listOf(after);
      for (const blob of listed) expect(await verifyArtifact(after, blob.digest)).toBe('intact');
      if (isStored) {
        expect(listed).toMatchObject([{ digest, sizeBytes: bytes.length }]);
        break;
      }
      losses++;
    }
    expect(losses).toBeGreaterThan(15);
  });

  it.each([
    ['loses what was stored', 'sync', 'unsynced names', 'missing'],
    ['damages what was stored', 'datasync', 'unsynced content', 'damaged'],
  ] as const)('%s when %s does nothing, so the test above can fail', async (_, method, loss, outcome) => {
    const { disk, losePower } = forgetfulDisk();
    const careless: Disk = {
      ...disk,
      open: async (...args: Parameters<Disk['open']>) =>
        Object.assign(await disk.open(...args), { [method]: async () => {} }),
    };
    const artifacts = await fsArtifacts({ folder: FOLDER }, { disk: careless });
    await artifacts.put(bytes);
    const after = await fsArtifacts({ folder: FOLDER }, { disk: losePower(loss) });
    expect(await verifyArtifact(after, digest)).toBe(outcome);
  });
});
