import { describe, expect, it } from 'vitest';
import { withoutCredentials } from '#store';

describe('a text without credentials', () => {
  // Each holds s3cret in pieces: none of them may be seen, in whatever way the password divides the address.
  it.each([
    'postgres://weir:s3cret@10.0.0.7:5432/weir',
    'postgresql://weir:s3c@ret@10.0.0.7/weir',
    'postgres://weir:@s3@cr@et@@10.0.0.7/weir',
    'postgres://weir:s3/cr/et@10.0.0.7/weir',
    'postgres://weir:12/s3cret@10.0.0.7/weir',
    'postgres://weir:s3@cr/et@10.0.0.7/weir',
    'postgres://weir:s3?cr@et@10.0.0.7/weir',
    'postgres://weir:s3#cr@et@10.0.0.7/weir',
    'postgres://weir:s3:cr@et@10.0.0.7:5432/weir',
    'postgres://weir:s3 cr et@10.0.0.7/weir',
    "postgres://weir:s3'c(r),et;@10.0.0.7/weir",
    'postgres://weir:s3%40cr%2Fet@10.0.0.7/weir',
    'postgres://:s3cret@10.0.0.7/weir',
    'postgres://s3cret@10.0.0.7/weir',
    'POSTGRES://weir:s3cret@10.0.0.7/weir',
    'postgres://weir:s3cret@/weir?host=10.0.0.7',
    'postgres://weir:s3cret@[::ffff:10.0.0.7]:5432/weir',
    'postgres://10.0.0.7/weir?user=weir&password=s3cret&sslmode=require',
    'postgres://10.0.0.7/weir?password=s3%40cr@et',
    'postgres://10.0.0.7/weir?sslpassword=s3cret',
    "host=10.0.0.7 user=weir password='s3 cr et' dbname=weir",
    'PGPASSWORD=s3cret psql -h 10.0.0.7',
    'redis://:s3c@ret@10.0.0.7/0',
    'mongodb+srv://weir:s3c@ret@10.0.0.7/weir?retryWrites=true',
    'https://weir:s3c@ret@10.0.0.7/data',
    'https://weir:s3/cr@et@10.0.0.7/data',
    'https://hooks.10.0.0.7.example/flow?api-version=1&sig=s3cret',
    'https://10.0.0.7/data?access_token=s3cret&api-key=s3cret',
    'https://10.0.0.7/go?to=postgres%3A%2F%2Fweir%3As3%40cret%40db%2Fweir',
  ])('shows where, and nothing of the secret: %s', (address) => {
    const glued = [`7${address}`, `${'x'.repeat(60)}${address}`];
    for (const text of [
      address,
      `could not open ${address}`,
      `"${address}", says "me"`,
      JSON.stringify({ address }),
      ...glued,
    ]) {
      const shown = withoutCredentials(text);
      expect(shown).not.toMatch(/s3|\bcr|ret\b|\bet\b|12\//);
      expect(shown).toContain('10.0.0.7');
      expect(withoutCredentials(shown)).toBe(shown);
    }
  });

  it('stays JSON when it was', () => {
    const logged = { message: 'at "postgres://weir:s3c@ret@db/weir"', list: ['postgres://a:b@c/d', 'me@example.org'] };
    expect(JSON.parse(withoutCredentials(JSON.stringify(logged)))).toEqual({
      message: 'at "postgres://***@db/weir"',
      list: ['postgres://***@c/d', 'me@example.org'],
    });
  });

  it('shows no password that was cut off with its text', () => {
    expect(withoutCredentials('connecting to postgres://weir:s3cr')).toBe('connecting to postgres://***');
  });

  it.each([
    'postgres://127.0.0.1:5432/weir',
    '(postgres://127.0.0.1:5432), ask me@example.org',
    'http://127.0.0.1:8080/docs',
    'It runs at http://127.0.0.1:8080. Stop it (postgres://127.0.0.1:5432!), or ask: postgres://db:5432?',
    'postgres://db:5432: no answer; http://db:x',
    'https://www.npmjs.com/package/@fastify/static',
    'https://mastodon.example/@weir',
    'at run (file:///srv/weir/node_modules/@fastify/static/index.js:1:2)',
    'write to weir@example.org, or see https://example.org',
    'a token, a password and a key: none of them has a value',
    'postgres://<user>:<password>@<host>:<port>/<database>',
  ])('leaves alone what holds no secret: %s', (text) => {
    expect(withoutCredentials(text)).toBe(text);
  });

  it('is made in time that grows with the text alone', () => {
    for (const part of ['a', 'a.', 'a-', 'a:', '://', 'a://', 'a://b:', 'x=', 'password', 'a%3A%2F%2F', "'", '@'])
      expect(withoutCredentials(part.repeat(200_000)).length).toBeGreaterThan(0);
  });
});
