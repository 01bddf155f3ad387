import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const CLIENT = { clientId: 'weir', clientSecret: 'a secret of the client' };

/** Somebody with an account at the provider. */
export interface Account {
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** A real OpenID provider on loopback, at which whoever the test says is logged in. */
export interface TestProvider {
  readonly issuer: string;
  /** Logs in as this account from now on; undefined for somebody who refuses. */
  loggedIn: Account | undefined;
  /** Changes the id tokens that the provider gives, as somebody between would. */
  tamper: ((idToken: string) => string) | undefined;
  /** What a browser does with an address of the provider: follows it until it leads back. */
  visit(url: string): Promise<string>;
  close(): Promise<void>;
}

export async function startTestProvider(redirectUrls: readonly string[]): Promise<TestProvider> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  // A server that listens on a port has one.
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const accounts = new Map<string, Account>();
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [...redirectUrls] }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['a key of cookies'] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, preferred_username: accounts.get(id)?.name, groups: accounts.get(id)?.groups }),
    }),
  });
  const answer = provider.callback();
  const world: TestProvider = {
    issuer,
    loggedIn: undefined,
    tamper: undefined,
    visit: (url) => follow(url, issuer),
    close: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  http.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void interact(request, response);
    else {
      const { tamper } = world;
      if (request.url === '/token' && tamper !== undefined) changeAnswer(response, tamper);
      void answer(request, response);
    }
  });

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const { loggedIn } = world;
    if (loggedIn === undefined) return provider.interactionFinished(request, response, { error: 'access_denied' });
    accounts.set(loggedIn.subject, loggedIn);
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: loggedIn.subject } });
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) });
    grant.addOIDCScope('openid profile');
    const grantId = await grant.save();
    return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
  }

  return world;
}

/** Follows redirects with cookies, and stops before the first one that leaves the provider. */
async function follow(start: string, issuer: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  while (url.startsWith(issuer)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const each of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null)
      throw new Error(`Expected a redirect from ${url}; got ${answer.status}: ${await answer.text()}`);
    url = new URL(location, url).href;
  }
  return url;
}

function changeAnswer(response: ServerResponse, tamper: (idToken: string) => string): void {
  const end = response.end.bind(response);
  response.end = ((body: unknown) => {
    const tokens = JSON.parse(String(body));
    const changed = Buffer.from(JSON.stringify({ ...tokens, id_token: tamper(tokens.id_token) }));
    response.setHeader('content-length', changed.length);
    return end(changed);
    // Koa ends an answer with its body and nothing else.
  }) as typeof response.end;
}
