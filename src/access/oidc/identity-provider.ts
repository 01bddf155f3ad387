import type { Configuration } from 'openid-client';
import type { LoginProblem, Role } from '#api';
import { includesRole } from '#api';
import { outgoingFetch } from '#store';
import { AccessError } from '../errors.ts';

const TIMEOUT_SECONDS = 10;
const NAME_LENGTH_MAX = 100;
const GROUPS_MAX = 1_000;
/** How long what the provider says of itself is used before it is asked again. */
const DISCOVERED_FOR_MS = 3_600_000;

/** An identity provider of the standard OpenID Connect, and what its groups mean here. */
export interface OidcSettings {
  /** Its address, under which it describes itself. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  /** The claim that holds the groups of a user. */
  readonly groupsClaim: string;
  /** The role of each group; of several the one that may do most. */
  readonly groups: Readonly<Record<string, Role>>;
}

/** What a browser keeps between leaving for the provider and coming back. */
export interface OidcTransaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

const ANSWER_BYTES_MAX = 1024 * 1024;

/** Somebody whom the provider vouches for. */
export interface ProvidedUser {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  /** Undefined for somebody without a group that has one. */
  readonly role: Role | undefined;
}

type Client = typeof import('openid-client');

/** Why a login at the identity provider came to no session. */
export class OidcRefusal extends AccessError {
  readonly problem: LoginProblem;

  constructor(problem: LoginProblem, message: string, options?: ErrorOptions) {
    super('oidc_refused', message, options);
    this.problem = problem;
  }
}

/**
 * The code flow with PKCE, state and nonce. The provider is asked what it is when somebody first logs in there and not at
 * the start, so that one that is away stops nothing else.
 */
export class IdentityProvider {
  readonly #settings: OidcSettings;
  readonly #clock: () => Date;
  #discovered: { readonly configuration: Configuration; readonly at: number } | undefined;

  constructor(settings: OidcSettings, clock: () => Date) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Where a browser logs in, and what it has to keep until it comes back to `redirectUrl`. */
  async start(redirectUrl: string): Promise<{ readonly url: string; readonly transaction: OidcTransaction }> {
    const { client, configuration } = await this.#discover();
    const transaction = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUrl,
      scope: this.#settings.scopes,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(transaction.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, transaction };
  }

  /** Who came back, from the address they came back to. Throws an OidcRefusal. */
  async finish(calledUrl: string, { state, nonce, verifier }: OidcTransaction): Promise<ProvidedUser> {
    const { client, configuration } = await this.#discover();
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(calledUrl), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims: Readonly<Record<string, unknown>> = { ...tokens.claims() };
      const subject = String(claims.sub ?? '');
      const isWhole = claims[this.#settings.groupsClaim] !== undefined && maybeName(claims) !== undefined;
      const more =
        isWhole || configuration.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await client.fetchUserInfo(configuration, tokens.access_token, subject);
      return this.#toUser(subject, { ...more, ...claims });
    } catch (error) {
      throw toRefusal(client, error);
    }
  }

  #toUser(subject: string, claims: Readonly<Record<string, unknown>>): ProvidedUser {
    return {
      issuer: this.#settings.issuer,
      subject,
      name: maybeName(claims) ?? subject.slice(0, NAME_LENGTH_MAX),
      email: maybeText(claims.email) ?? null,
      role: roleOf(claims[this.#settings.groupsClaim], this.#settings.groups),
    };
  }

  async #discover(): Promise<{ readonly client: Client; readonly configuration: Configuration }> {
    // Loaded when somebody logs in there: no other command and no other project needs it.
    const client = await import('openid-client');
    const now = this.#clock().getTime();
    if (this.#discovered !== undefined && now - this.#discovered.at < DISCOVERED_FOR_MS)
      return { client, configuration: this.#discovered.configuration };
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    // Settings allow http for loopback alone.
    const insecure = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    try {
      const configuration = await client.discovery(url, clientId, clientSecret, undefined, {
        // Signatures of id tokens are verified, although they come over a connection to the issuer itself.
        execute: [...insecure, client.enableNonRepudiationChecks],
        timeout: TIMEOUT_SECONDS,
        // The provider names further addresses, of which none may lead to a metadata service; it may be in a network of one's own.
        [client.customFetch]: outgoingFetch({ privateHosts: 'all', answerBytesMax: ANSWER_BYTES_MAX }),
      });
      this.#discovered = { configuration, at: now };
      return { client, configuration };
    } catch (cause) {
      throw new OidcRefusal('oidc_unreachable', `The identity provider ${url.host} does not answer as expected.`, {
        cause,
      });
    }
  }
}

function roleOf(claim: unknown, groups: Readonly<Record<string, Role>>): Role | undefined {
  const held = (Array.isArray(claim) ? claim.slice(0, GROUPS_MAX) : [claim]).filter((each) => typeof each === 'string');
  const found = held.flatMap((group) => (Object.hasOwn(groups, group) ? (groups[group] ?? []) : []));
  return found.reduce<Role | undefined>(
    (most, each) => (most !== undefined && includesRole(most, each) ? most : each),
    undefined,
  );
}

const maybeName = ({ preferred_username: username, email, name }: Readonly<Record<string, unknown>>) =>
  maybeText(username) ?? maybeText(email) ?? maybeText(name);

function maybeText(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const text = claim
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, NAME_LENGTH_MAX);
  return text === '' ? undefined : text;
}

function toRefusal(client: Client, cause: unknown): OidcRefusal {
  if (cause instanceof client.AuthorizationResponseError)
    return new OidcRefusal('oidc_denied', 'The identity provider did not log the user in.', { cause });
  // What fetch throws when nobody answers, and when it takes too long.
  const isAway = isOfNetwork(cause) || (cause instanceof Error && isOfNetwork(cause.cause));
  if (isAway) return new OidcRefusal('oidc_unreachable', 'The identity provider does not answer.', { cause });
  return new OidcRefusal('oidc_invalid', 'The answer of the identity provider is not one to this login.', { cause });
}

function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || (error instanceof TypeError && error.message === 'fetch failed');
}
