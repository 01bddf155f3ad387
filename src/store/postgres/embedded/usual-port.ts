import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.ts';

const FILE = 'port';
const PORT_MAX = 65_535;
/** Below the ports that systems give to outgoing connections, which might take it while the server is stopped. */
const CHOSEN_PORTS = { min: 15_000, max: 32_767 };

/**
 * The port that this server had before, so that a connection that somebody keeps in another tool stays valid; a random
 * one when it never ran. 0 when that port is taken now: then any free one is used, for this start.
 */
export async function usualPort(folder: string): Promise<number> {
  const text = await readFile(path.join(folder, FILE), 'utf8').catch(() => '');
  const known = /^\d{1,5}\n?$/.test(text) ? Number(text) : 0;
  const port = known > 0 ? known : randomInt(CHOSEN_PORTS.min, CHOSEN_PORTS.max);
  return port > 0 && port <= PORT_MAX && (await isFree(port)) ? port : 0;
}

/** Remembers the first port of a server; a later one, taken because the first was not free, does not replace it. */
export async function rememberPort(folder: string, port: number): Promise<void> {
  const file = path.join(folder, FILE);
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known === '') await writeFileAtomically(file, `${port}\n`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
