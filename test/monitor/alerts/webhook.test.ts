import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { webhookChannel } from '#monitor';
import { signatureOf } from '../../../src/monitor/alerts/channels/signature.ts';
import { alertFor } from './results.ts';
import { type Stub, startStub } from './teams-stub.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const stubs: Stub[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.close()));
});

async function receivedBy(secret: string | undefined, nowMs: number, keys: readonly string[] = ['a1']) {
  const stub = await startStub({ status: 200 });
  stubs.push(stub);
  const channel = webhookChannel({ url: stub.url, ...(secret === undefined ? {} : { secret }) }, { now: () => nowMs });
  for (const key of keys) await channel.send(alertFor({}, key), new AbortController().signal);
  return stub.received;
}

describe('a signed webhook', () => {
  it('has the signature of the example of the Standard Webhooks specification', () => {
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const body = '{"test": 2432232314}';
    expect(signatureOf({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1_614_265_330, body }, key)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('signs id, time and body, so that a receiver can refuse what was changed or is old', async () => {
    const nowMs = Date.parse('2026-03-01T10:00:00.900Z');
    const [request] = await receivedBy(SECRET, nowMs);
    const { headers = {}, body = '' } = request ?? {};
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(headers['webhook-timestamp']).toBe(String(Date.parse('2026-03-01T10:00:00Z') / 1000));
  });

  it('is taken by the function of the docs, which refuses what was changed, is old or has another secret', async () => {
    const docs = await readFile(new URL('../../../docs/channels.md', import.meta.url), 'utf8');
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(docs) ?? [];
    const { isFromWeir } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const nowMs = Date.parse('2026-03-01T10:00:00Z');
    const [{ headers, body } = { headers: {}, body: '' }] = await receivedBy(SECRET, nowMs);
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    expect([
      isFromWeir({ headers, body }, SECRET, nowMs),
      isFromWeir({ headers, body }, SECRET, nowMs + 299_000),
      isFromWeir({ headers, body }, SECRET, nowMs + 301_000),
      isFromWeir({ headers, body: body.replace('medium', 'low') }, SECRET, nowMs),
      isFromWeir({ headers: { ...headers, 'webhook-timestamp': String(nowMs / 1000 + 1) }, body }, SECRET, nowMs),
      isFromWeir({ headers, body }, other, nowMs),
      isFromWeir({ headers: {}, body }, SECRET, nowMs),
    ]).toEqual([true, true, false, false, false, false, false]);
  });

  it('keeps the id of an alert at every attempt, and gives another alert another one', async () => {
    const received = await receivedBy(SECRET, 0, ['a1', 'a1', 'ä\u0000\n'.repeat(200)]);
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(ids[0]).toMatch(/^msg_[0-9a-f]{40}$/);
    expect([ids[0] === ids[1], ids[1] === ids[2]]).toEqual([true, false]);
  });

  it('has id and time, and no signature, without a secret', async () => {
    const [request] = await receivedBy(undefined, 0);
    expect(Object.keys(request?.headers ?? {}).filter((name) => name.startsWith('webhook-'))).toEqual([
      'webhook-id',
      'webhook-timestamp',
    ]);
  });

  it.each(['s3cret', 'whsec_s3cret', 'whsec_!!!!s3cret!!!!s3cret!!!!s3cret!!!!', `whsec_${'s3cr'.repeat(100)}`])(
    'refuses a secret that is none, and does not show it: %s',
    (secret) => {
      const make = () => webhookChannel({ url: 'https://hooks.example/', secret });
      expect(make).toThrow(/^Expected whsec_ and base64 of 24 to 64 random bytes as the secret of the channel webhook/);
      expect(make).not.toThrow(/s3cr/);
    },
  );
});
