/** A prediction that a program is to ask for. */
export interface SnippetRequest {
  /** Where Weir is, such as `https://weir.example.com`. */
  readonly origin: string;
  /** One row, or several. */
  readonly body: unknown;
  /** A version of the model, and what else is asked for; the champion unless set. */
  readonly query?: SnippetQuery | undefined;
  /** Whether programs need an API key. */
  readonly needsKey: boolean;
}

export interface SnippetQuery {
  readonly version?: number;
  readonly store?: 'false';
  readonly explain?: 'true';
}

/** The name of the environment variable that a snippet reads the API key from. */
export const KEY_VARIABLE = 'WEIR_API_KEY';
const PATH = '/api/v1/predict';

/** The same request in each language, to copy. */
export const SNIPPETS: Readonly<Record<'curl' | 'TypeScript' | 'Python', (request: SnippetRequest) => string>> = {
  curl: toCurl,
  TypeScript: toTypescript,
  Python: toPython,
};

export type Language = keyof typeof SNIPPETS;

function toCurl(request: SnippetRequest): string {
  return [
    `curl -s ${quoted(toAddress(request))}`,
    `-H ${quoted('content-type: application/json')}`,
    ...(request.needsKey ? [`-H "authorization: Bearer $${KEY_VARIABLE}"`] : []),
    `--data-raw ${quoted(JSON.stringify(request.body))}`,
  ].join(' \\\n  ');
}

/** One word for a shell, whatever it holds. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The options of the client in TypeScript. */
export const toClientOptions = ({ origin, needsKey }: SnippetRequest): string =>
  [`url: ${JSON.stringify(origin)}`, ...(needsKey ? [`apiKey: process.env.${KEY_VARIABLE} ?? ''`] : [])].join(', ');

function toTypescript({ body, query = {}, ...request }: SnippetRequest): string {
  const asked = toQueryCode(query);
  const call = [...(asked === '' ? [] : [`query: ${asked}`]), `body: ${toCode(body)}`];
  return `import { createClient } from 'weir/client';

const weir = createClient({ ${toClientOptions({ ...request, body })} });
const answer = await weir.call('predict', { ${call.join(', ')} });
console.log(answer.predictions);`;
}

/** JSON is JavaScript, but for a key that would set the prototype of the object. */
export const toCode = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll('"__proto__":', '["__proto__"]:');

function toPython(request: SnippetRequest): string {
  const headers = [
    '"content-type": "application/json"',
    ...(request.needsKey ? [`"authorization": "Bearer " + os.environ["${KEY_VARIABLE}"]`] : []),
  ];
  return `import json
${request.needsKey ? 'import os\n' : ''}from urllib.request import Request, urlopen

body = ${toPythonValue(request.body)}
request = Request(
    ${JSON.stringify(toAddress(request))},
    data=json.dumps(body).encode(),
    headers={${headers.join(', ')}},
)
with urlopen(request) as answer:
    print(json.load(answer)["predictions"])`;
}

/** Texts and numbers of JSON are those of Python. */
export function toPythonValue(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(toPythonValue).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}: ${toPythonValue(field)}`).join(', ')}}`;
}

export function toAddress({ origin, query = {} }: SnippetRequest): string {
  const asked = Object.entries(query).map(([name, value]) => `${name}=${value}`);
  return `${origin}${PATH}${asked.length === 0 ? '' : `?${asked.join('&')}`}`;
}

/** The query as code of TypeScript; nothing where nothing is asked for. */
export function toQueryCode(query: SnippetQuery): string {
  const asked = Object.entries(query).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return asked.length === 0 ? '' : `{ ${asked.join(', ')} }`;
}
