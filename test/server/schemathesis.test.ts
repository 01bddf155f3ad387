import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#access';
import { addChampion, createWorld, type World } from './world.ts';

/** Schemathesis, which CI installs; SCHEMATHESIS names another program. */
const PROGRAM =
  process.env.SCHEMATHESIS ?? path.join(import.meta.dirname, '../../node_modules/.cache/schemathesis/bin/schemathesis');
const MINUTE_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const SEED = 20_260_301;

let world: World;
let url: string;
let folder: string;

beforeAll(async () => {
  // Streams of events end by themselves, so that their answers can be looked at.
  world = await createWorld({ access: { isLoginRequired: true }, limits: { eventStreamMs: 20 } });
  await addChampion(world);
  ({ url } = await world.server.listen({ port: 0 }));
  folder = await mkdtemp(path.join(tmpdir(), 'weir-schemathesis-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

// npm run test:schema. Where the program is not installed, nothing can be shown.
describe.skipIf(!existsSync(PROGRAM))('the API, as its document describes it', () => {
  it.each(['viewer', 'operator', 'admin'] as const)(
    'answers every request of a %s with a documented status and shape, and never fails',
    async (role) => {
      const { text } = await createApiKey(world.database, { name: role, role, by: 'test', expiresAt: null });
      expect(await run(text)).toMatchObject({ code: 0 });
    },
    3 * MINUTE_MS,
  );
});

/** With a seed and no memory of other runs it sends the same requests each time. */
function run(key: string): Promise<{ readonly code: unknown; readonly output: string }> {
  const options = [
    ...['--checks', 'all', '--phases', 'examples,coverage,fuzzing', '--max-examples', '3', '--no-shrink'],
    ...['--seed', String(SEED), '--generation-deterministic'],
    ...['--header', `Authorization: Bearer ${key}`, '--suppress-health-check', 'all', '--no-color'],
  ];
  return new Promise((resolve) => {
    const settings = { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX };
    execFile(PROGRAM, ['run', `${url}/docs/json`, ...options], settings, (error, stdout, stderr) => {
      if (process.env.SCHEMATHESIS_OUTPUT !== undefined) process.stdout.write(stdout + stderr);
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}
