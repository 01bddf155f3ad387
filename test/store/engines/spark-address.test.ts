import { describe, expect, it } from 'vitest';
import { toSparkAddress } from '../../../src/store/engines/spark/spark-address.ts';

describe('toSparkAddress', () => {
  it('reads an address as the clients of Spark write it', () => {
    expect(toSparkAddress('sc://spark.example:443/;use_ssl=true;token=a%2Fb;user_id=ann;x-cluster=7')).toEqual({
      ...{ target: 'spark.example:443', isSecure: true, token: 'a/b', userId: 'ann', headers: { 'x-cluster': '7' } },
    });
    expect(toSparkAddress('sc://127.0.0.1')).toMatchObject({ target: '127.0.0.1:15002', isSecure: false, token: '' });
    expect(toSparkAddress('sc://[::1]:9/')).toMatchObject({ target: '[::1]:9', isSecure: false });
  });

  it('takes TLS with a token, but to this machine', () => {
    expect(toSparkAddress('sc://a.b', { token: 't' })).toMatchObject({ isSecure: true, token: 't' });
    expect(toSparkAddress('sc://localhost:1', { token: 't' })).toMatchObject({ isSecure: false, token: 't' });
  });

  it.each([
    ['spark://a:1', 'Expected sc://<host>:<port>'],
    ['sc://a:99999', 'Expected sc://<host>:<port>'],
    ['sc://a b:1', 'Expected sc://<host>:<port>'],
    ['sc://a:1/;token', 'Expected name=value between semicolons'],
    ['sc://a:1/;use_ssl=yes', 'Expected use_ssl=true or use_ssl=false'],
    ['sc://a:1/;token=secret;use_ssl=false', 'A token crosses the network to a over TLS only'],
    ['sc://a:1/;session_id=1', 'Expected no session_id'],
    ['http://a:1/;token=secret', 'got "http://a:1/;token=…"'],
  ])('refuses %s', (url, message) => {
    expect(() => toSparkAddress(url)).toThrow(message);
    expect(() => toSparkAddress(url)).not.toThrow('secret');
  });
});
