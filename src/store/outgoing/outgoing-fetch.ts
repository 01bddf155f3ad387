import { lookup as lookupAddresses } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { StoreError } from '../errors.ts';
import { type AddressReach, reachOf } from './address-reach.ts';

/** Which addresses requests may go to, and how much of an answer is read. */
export interface OutgoingPolicy {
  /** Hosts, as addresses name them, that may be in a private network or on this machine; `all` for any. */
  readonly privateHosts: readonly string[] | 'all';
  /** How many bytes of an answer are read; more are an error. */
  readonly answerBytesMax?: number;
  /** How long a request and its answer may take. */
  readonly timeoutMs?: number;
}

export interface OutgoingRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | Headers | undefined;
  readonly body?: RequestInit['body'] | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

export interface OutgoingEffects {
  /** All addresses of a host. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

export type OutgoingFetch = (address: string | URL, request?: OutgoingRequest) => Promise<Response>;

const ANSWER_BYTES_MAX = 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** Answers without a body, by which a Response may have none. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
const REAL_EFFECTS: OutgoingEffects = {
  resolve: async (host) => (await lookupAddresses(host, { all: true })).map(({ address }) => address),
};

/**
 * A fetch for addresses that somebody configured. A host is resolved once, its addresses are checked, and the connection
 * goes to one that was checked: a name that leads elsewhere the next time it is asked gains nothing. Addresses of this
 * link, where clouds have their metadata services, are never used, private ones where the policy names the host. No
 * redirect is followed, and size and time of an answer are bounded.
 */
export function outgoingFetch(policy: OutgoingPolicy, effects: OutgoingEffects = REAL_EFFECTS): OutgoingFetch {
  const { answerBytesMax = ANSWER_BYTES_MAX, timeoutMs = TIMEOUT_MS } = policy;
  return async (address, { method = 'GET', headers, body, signal } = {}) => {
    const url = new URL(address);
    const ending = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    const addresses = await resolveChecked(url.hostname, policy, {
      resolve: (host) => unlessEnded(effects.resolve(host), ending),
    });
    const sent = new Request(url, { method, ...(headers && { headers }), ...(body && { body }) });
    const bytes = Buffer.from(await sent.arrayBuffer());
    const answer = await send({ url, addresses, method, headers: sent.headers, bytes, ending });
    return toResponse(answer, { answerBytesMax, ending });
  };
}

/** The addresses of a host that a policy allows; throws `address_refused` when there is none. */
export async function resolveChecked(
  hostname: string,
  { privateHosts }: Pick<OutgoingPolicy, 'privateHosts'>,
  { resolve }: OutgoingEffects = REAL_EFFECTS,
): Promise<readonly string[]> {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const mayBePrivate = privateHosts === 'all' || privateHosts.some((each) => each.toLowerCase() === host);
  const found = isIP(host) === 0 ? await resolve(host) : [host];
  const reaches = found.map(reachOf);
  const addresses = found.filter((_, index) => isAllowed(reaches[index] ?? 'never', mayBePrivate));
  if (addresses.length > 0 || found.length === 0) return addresses;
  throw new StoreError(
    'address_refused',
    reaches.includes('private')
      ? 'Expected a host on the internet; its address is private. If that is intended, name the host in the setting of private hosts.'
      : 'Expected a host on the internet; its address is reserved, or belongs to this link alone, as metadata services do.',
  );
}

const isAllowed = (reach: AddressReach, mayBePrivate: boolean): boolean =>
  reach === 'public' || (reach === 'private' && mayBePrivate);

/** The same, but for no longer than a request may take. */
function unlessEnded<T>(work: Promise<T>, ending: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(ending.reason);
    if (ending.aborted) end();
    ending.addEventListener('abort', end, { once: true });
    // As fetch does, by which callers know what to show.
    work.then(resolve, (cause: unknown) => reject(new TypeError('fetch failed', { cause })));
  });
}

interface Sending {
  readonly url: URL;
  readonly addresses: readonly string[];
  readonly method: string;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly ending: AbortSignal;
}

function send({ url, addresses, method, headers, bytes, ending }: Sending): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: { ...Object.fromEntries(headers), ...(bytes.length > 0 && { 'content-length': bytes.length }) },
      // The host is in Host and in the name that the certificate must have; the connection asks nobody again.
      lookup: toLookup(addresses),
      agent: false,
      signal: ending,
    });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end(bytes);
  });
  return unlessEnded(answered, ending);
}

/** A lookup for connections of other clients, which then go only where the policy allows. */
export function checkedLookup(
  policy: Pick<OutgoingPolicy, 'privateHosts'>,
  effects: OutgoingEffects = REAL_EFFECTS,
): LookupFunction {
  return (host, options, callback) => {
    resolveChecked(host, policy, effects).then(
      (addresses) => toLookup(addresses)(host, options, callback),
      (error: Error) => callback(error, ''),
    );
  };
}

function toLookup(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, callback) => {
    const [first] = known;
    if (all === true) callback(null, known);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

interface Reading {
  readonly answerBytesMax: number;
  readonly ending: AbortSignal;
}

function toResponse(answer: IncomingMessage, reading: Reading): Response {
  const status = answer.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    for (const value of values) headers.append(name, value);
  if (BODILESS.has(status)) answer.resume();
  const body = BODILESS.has(status) ? null : toStream(bounded(answer, reading));
  return new Response(body, { status, headers });
}

function toStream(parts: AsyncGenerator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: async (controller) => {
      const { value, done } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await parts.return(undefined);
    },
  });
}

async function* bounded(
  answer: IncomingMessage,
  { answerBytesMax, ending }: Reading,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      bytes += chunk.length;
      if (bytes > answerBytesMax)
        throw new StoreError('answer_too_large', `Expected at most ${answerBytesMax} bytes of an answer; got more.`);
      yield chunk;
    }
  } catch (error) {
    throw ending.aborted ? ending.reason : error;
  } finally {
    answer.destroy();
  }
}
