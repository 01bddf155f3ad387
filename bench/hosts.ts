import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { canTestDebianPostgres } from '../test/postgres/debian-postgres.ts';
import { canTestBuckets } from '../test/store/s3/ceph.ts';
import { canTestTemporal } from '../test/temporal/temporal-server.ts';
import type { FromInside } from './hosts-inside.ts';
import type { Suite } from './suite.ts';

/** The kernel removes all of it when the first process in it has ended. */
const OWN_NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** Hosts of network namespaces that are cut off, killed, stopped and restarted while goals run: each has its effect once. */
export const hostsSuite: Suite = {
  name: 'hosts',
  async *run({ folder: scratch, words, say }) {
    if (!canTestDebianPostgres() || !canTestBuckets() || !canTestTemporal())
      throw new Error('Expected what is named above to be installed: hosts need all of it.');
    await assertMayMakeHosts();
    const folder = await mkdtemp(path.join(scratch, 'hosts-'));
    // The account of PostgreSQL has its data below.
    await chmod(folder, 0o711);
    const inside = fileURLToPath(new URL('./hosts-inside.ts', import.meta.url));
    const child = spawn(
      'unshare',
      [...OWN_NAMESPACES, process.execPath, '--import', 'tsx', '-C', 'weir-source', inside, folder, ...words],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    const exited = once(child, 'exit');
    const sections: string[] = [];
    child.on('message', (message: FromInside) => {
      if ('say' in message) say(message.say);
      else sections.push(message.section);
    });
    const [code] = await exited;
    yield* sections;
    if (code !== 0) throw new Error(`Not everything held; see above. Logs are in ${folder}`);
    await rm(folder, { recursive: true, force: true });
  },
};

async function assertMayMakeHosts(): Promise<void> {
  const permitted = spawn('unshare', [...OWN_NAMESPACES, 'ip', 'link', 'add', 'hosts', 'type', 'bridge'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  permitted.stderr.on('data', (text: Buffer) => {
    output += text.toString();
  });
  const [code] = await once(permitted, 'close').catch((error: Error) => [error.message]);
  if (code === 0) return;
  throw new Error(
    `Expected to be root of a Linux that permits namespaces, with iproute2 and util-linux; got: ${output.trim() || code}`,
  );
}
