/** What a browser does for a page of one server: it keeps cookies and sends them, over a socket. */
export class Browser {
  readonly #url: string;
  readonly cookies = new Map<string, string>();
  /** As the last answer set them, with their attributes. */
  setCookies: readonly string[] = [];
  csrfToken: string | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<BrowserAnswer> {
    return this.#send('GET', path, { headers });
  }

  async post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<BrowserAnswer> {
    const token = this.csrfToken === undefined ? {} : { 'x-csrf-token': this.csrfToken };
    return this.#send('POST', path, {
      headers: { 'content-type': 'application/json', ...token, ...headers },
      body: JSON.stringify(body),
    });
  }

  async #send(method: string, path: string, sent: { headers: Readonly<Record<string, string>>; body?: string }) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(path, this.#url), {
      ...sent,
      method,
      redirect: 'manual',
      headers: { ...sent.headers, ...(cookie === '' ? {} : { cookie }) },
    });
    this.setCookies = answer.headers.getSetCookie();
    for (const each of this.setCookies) this.#keep(each);
    const text = await answer.text();
    const json = text === '' ? undefined : JSON.parse(text);
    if (typeof json?.csrfToken === 'string') this.csrfToken = json.csrfToken;
    return { status: answer.status, json, text, headers: answer.headers };
  }

  #keep(setCookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(setCookie) ?? [];
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

export interface BrowserAnswer {
  readonly status: number;
  // What the server sends is compared with what is expected, field by field.
  // biome-ignore lint/suspicious/noExplicitAny: as of `JSON.parse`
  readonly json: any;
  readonly text: string;
  readonly headers: Headers;
}
