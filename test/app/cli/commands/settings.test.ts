import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runWeir } from './run-weir.ts';

const weir = (...args: readonly string[]) => runWeir(['settings', ...args], tmpdir());

describe('weir settings', () => {
  it('prints a section with type, default and meaning, without a project', async () => {
    const { code, out } = await weir('server');
    expect(code).toBe(0);
    expect(out).toContain(
      'server.port: integer from 0 to 65535\n  Port of the web app and API; 0 takes any that is free.\n  default: 8080\n  read by: weir serve, weir run, weir backfill, weir worker\n',
    );
    expect(out).not.toContain('engine.slots');
  });

  it('prints every setting as one JSON object', async () => {
    const { settings } = JSON.parse((await weir('--json')).out);
    expect(settings).toContainEqual(expect.objectContaining({ path: 'engine.slots', byDefault: 3 }));
  });

  it('names the nearest setting to one that is not there', async () => {
    const { code, err } = await weir('server.prot');
    expect(code).toBe(64);
    expect(err).toMatch(/got "server\.prot"\. Did you mean server\.port\?/);
  });
});
