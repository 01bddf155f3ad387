import { describe, expect, it } from 'vitest';
import { LoginThrottle, PasswordHasher, passwordProblem } from '#access';

const cheap = { n: 16, r: 1, p: 1 };

describe('hashes of passwords', () => {
  it('are stored with their cost and their own salt, by default those that OWASP names', async () => {
    const hasher = new PasswordHasher();
    const stored = await hasher.hash('an ordinary long password');
    expect(stored).toMatch(/^\$scrypt\$ln=16,r=8,p=2\$[\w-]{22}\$[\w-]{43}$/);
    expect(await hasher.verify('an ordinary long password', stored)).toBe('right');
    const other = new PasswordHasher({ cost: cheap });
    expect(await other.hash('same')).not.toBe(await other.hash('same'));
  });

  it('are outdated when they were stored with another cost', async () => {
    const stored = await new PasswordHasher({ cost: cheap }).hash('correct');
    const hasher = new PasswordHasher({ cost: { ...cheap, n: 32 } });
    expect(await hasher.verify('correct', stored)).toBe('outdated');
    expect(await hasher.verify('wrong', stored)).toBe('wrong');
  });

  it('are equal for the same characters, however they were typed', async () => {
    const hasher = new PasswordHasher({ cost: cheap });
    expect(await hasher.verify('ca\u0066e\u0301', await hasher.hash('caf\u00e9'))).toBe('right');
  });

  it('never accept a password of a user who does not exist', async () => {
    const hasher = new PasswordHasher({ cost: cheap });
    expect(await hasher.verify('', undefined)).toBe('wrong');
  });

  it('refuse a stored hash that would take gigabytes', async () => {
    const stored = (await new PasswordHasher({ cost: cheap }).hash('x')).replace('ln=4', 'ln=40');
    await expect(new PasswordHasher({ cost: cheap }).verify('x', stored)).rejects.toThrow('Expected a hash of scrypt');
  });

  it('are computed so many at once, and say when so many wait', async () => {
    const hasher = new PasswordHasher({ cost: cheap, atOnceMax: 1, waitingMax: 2 });
    const hashes = [hasher.hash('1'), hasher.hash('2')];
    expect(hasher.isBusy).toBe(false);
    hashes.push(hasher.hash('3'));
    expect(hasher.isBusy).toBe(true);
    await Promise.all(hashes);
    expect(hasher.isBusy).toBe(false);
  });
});

describe('what may be a password', () => {
  it.each([
    'tram window yellow soup',
    'aB3$xq9Lw2!z',
    'только длинные слова',
    '👩‍🚀🚀🌕🛰️🪐☄️🌍🌑',
    `${'long and '.repeat(28)}long`,
  ])('accepts %j, whatever its characters are', (password) => {
    expect(passwordProblem(password, 'ada')).toBeUndefined();
  });

  it.each([
    ['short', 'Expected a password of 12 to 256 characters; got 5.'],
    ['ab '.repeat(86), 'got 258.'],
    ['Password1234', 'commonest'],
    ['aaaaaaaaaaaaaaa', 'commonest'],
    ['121212121212', 'commonest'],
    ['098765432109', 'commonest'],
    ['qwertyuiopasd', 'commonest'],
    ['ada.lovelace1', 'name of the user'],
  ])('refuses %j', (password, problem) => {
    expect(passwordProblem(password, 'Ada.Lovelace@example.com')).toContain(problem);
  });
});

describe('the throttle of logins', () => {
  const attempt = { account: 'ada', address: '192.0.2.1' };

  it('lets people mistype, then doubles the wait up to a minute, and never locks an account', () => {
    const throttle = new LoginThrottle();
    let now = 0;
    const waits: number[] = [];
    for (let failure = 0; failure < 4; failure++) throttle.begin({ ...attempt, address: `203.0.113.${failure}` }, now);
    for (let failure = 0; failure < 10; failure++) {
      // Another address each time, as an attacker with many has.
      expect(throttle.begin({ ...attempt, address: `192.0.2.${failure}` }, now)).toBe(0);
      const wait = throttle.begin({ ...attempt, address: '198.51.100.1' }, now);
      waits.push(wait);
      now += wait;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('counts an attempt when it begins, so that many at once are no way around', () => {
    const throttle = new LoginThrottle();
    const waits = Array.from({ length: 100 }, () => throttle.begin(attempt, 0));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
  });

  it('treats the letters of a name alike', () => {
    const throttle = new LoginThrottle();
    for (let count = 0; count < 5; count++) throttle.begin({ ...attempt, account: count % 2 ? 'ADA' : 'ada ' }, 0);
    expect(throttle.begin(attempt, 0)).toBe(1_000);
  });

  it('makes an address wait that tries many names, up to a quarter of an hour', () => {
    const throttle = new LoginThrottle();
    let [now, wait] = [0, 0];
    for (let count = 0; count < 20; count++) throttle.begin({ ...attempt, account: `user-${count}` }, now);
    for (let count = 0; count < 20; count++) {
      wait = throttle.begin({ ...attempt, account: `another-${count}` }, now);
      now += wait;
      throttle.begin({ ...attempt, account: `another-${count}` }, now);
    }
    expect(wait).toBe(15 * 60_000);
  });

  it('does not lengthen the wait of an account by attempts that were told to wait', () => {
    const throttle = new LoginThrottle();
    for (let count = 0; count < 50; count++) throttle.begin(attempt, 0);
    expect(throttle.begin(attempt, 0)).toBe(1_000);
    expect(throttle.begin(attempt, 1_000)).toBe(0);
  });

  it('forgets the failures of an account when its user logs in, and not those of the address', () => {
    const throttle = new LoginThrottle();
    for (let count = 0; count < 19; count++) throttle.begin({ ...attempt, account: `user-${count}` }, 0);
    throttle.begin(attempt, 0);
    throttle.succeed(attempt);
    expect(throttle.begin(attempt, 0)).toBe(0);
    expect(throttle.begin({ ...attempt, account: 'another' }, 0)).toBe(1_000);
  });

  it('treats a network of IPv6 as one address', () => {
    const throttle = new LoginThrottle();
    for (let count = 0; count < 20; count++)
      throttle.begin({ account: `user-${count}`, address: `2001:db8::${count + 1}` }, 0);
    expect(throttle.begin({ account: 'x', address: '2001:db8:0:0:ffff::1' }, 0)).toBe(1_000);
    expect(throttle.begin({ account: 'x', address: '2001:db8:0:1::1' }, 0)).toBe(0);
  });
});
