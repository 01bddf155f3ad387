import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traced } from '#store';
import { startTracing } from '../../../src/app/serve/start-tracing.ts';
import { type OtlpReceiver, receiveOtlp } from './otlp-receiver.ts';

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await receiveOtlp();
});
afterAll(() => receiver.close());

const settings = { endpoint: '', headers: '', serviceName: 'weir', privateHosts: '' };

describe('the collector of traces', () => {
  it('is not asked at an address of this link, where clouds have their metadata services', async () => {
    const said: string[] = [];
    const tracing = { ...settings, endpoint: 'http://ann:top-secret@169.254.169.254:4318' };
    await (await startTracing({ tracing }, { warn: (text) => said.push(text) }))();
    expect(said).toEqual([expect.stringMatching(/^Traces are not sent to http:.*169\.254\.169\.254:4318.*reserved/)]);
    expect(said.join()).not.toContain('top-secret');
  });

  it('gets traces in a private network when the settings name its host', async () => {
    const asked: string[] = [];
    const endpoint = receiver.endpoint.replace('127.0.0.1', 'collector.example.lan');
    const tracing = { ...settings, endpoint, privateHosts: 'other.lan, collector.example.lan' };
    const resolve = async (host: string): Promise<readonly string[]> => {
      asked.push(host);
      return ['127.0.0.1'];
    };
    const stop = await startTracing({ tracing }, { warn: () => undefined, outgoing: { resolve } });
    await traced('some work', async () => undefined);
    await stop();
    expect(receiver.spans.map(({ name }) => name)).toEqual(['some work']);
    expect([receiver.problems, new Set(asked)]).toEqual([[], new Set(['collector.example.lan'])]);
  });
});
