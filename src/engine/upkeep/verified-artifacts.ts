import { Readable } from 'node:stream';
import { type ArtifactDriver, ArtifactError, type Database, verifyArtifact } from '#store';
import { DamagedArtifactError } from '../define/errors.ts';
import { handleFinding } from './incidents.ts';

/** Digests that are remembered as verified; the oldest are forgotten first, and verified again. */
const REMEMBERED_MAX = 100_000;

/**
 * The driver as tasks see it. A blob is read through and compared with its digest before this process first gives out a
 * path to it; streams are compared while they are read. What is damaged or missing goes on record and, when damaged, is
 * removed; the error says which digest it was, so that the run makes it again.
 */
export function verifiedArtifacts(artifacts: ArtifactDriver, database: Database): ArtifactDriver {
  const verified = new Set<string>();
  const remember = (digest: string): void => {
    const [oldest] = verified.size >= REMEMBERED_MAX ? verified : [];
    if (oldest !== undefined) verified.delete(oldest);
    verified.add(digest);
  };
  const refuse = async (digest: string, kind: 'damaged' | 'missing', cause?: unknown): Promise<never> => {
    verified.delete(digest);
    const action = await handleFinding({ kind, digest, foundBy: 'a task that read it' }, { database, artifacts });
    throw new DamagedArtifactError(`Artifact ${digest} is ${kind}: ${action}.`, { digest, cause });
  };
  return {
    name: artifacts.name,
    put: async (content) => {
      const blob = await artifacts.put(content);
      remember(blob.digest);
      return blob;
    },
    putFile: async (file) => {
      const blob = await artifacts.putFile(file);
      remember(blob.digest);
      return blob;
    },
    stat: (digest) => artifacts.stat(digest),
    delete: (digest) => artifacts.delete(digest),
    list: () => artifacts.list(),
    localPath: async (digest) => {
      if (!verified.has(digest)) {
        const found = await verifyArtifact(artifacts, digest);
        if (found !== 'intact') await refuse(digest, found);
        remember(digest);
      } else if ((await artifacts.stat(digest)) === undefined) await refuse(digest, 'missing');
      return artifacts.localPath(digest);
    },
    read: async (digest) => {
      if ((await artifacts.stat(digest)) === undefined) await refuse(digest, 'missing');
      const source = await artifacts.read(digest);
      async function* passOn(): AsyncGenerator<Uint8Array> {
        try {
          for await (const chunk of source) yield chunk;
        } catch (error) {
          // Only damage has no code of the system.
          if (!(error instanceof ArtifactError) || error.code !== undefined) throw error;
          await refuse(digest, 'damaged', error);
        }
      }
      return Readable.from(passOn(), { objectMode: false });
    },
  };
}
