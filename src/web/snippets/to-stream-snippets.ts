import {
  KEY_VARIABLE,
  type Language,
  quoted,
  type SnippetRequest,
  toAddress,
  toClientOptions,
  toCode,
  toPythonValue,
  toQueryCode,
} from './to-snippets.ts';

const NDJSON_TYPE = 'application/x-ndjson';

/** A stream of rows in each language, to copy: as many as there are, with one line answered for each. */
export const STREAM_SNIPPETS: Readonly<Record<Language, (request: SnippetRequest) => string>> = {
  curl: toCurl,
  TypeScript: toTypescript,
  Python: toPython,
};

function toCurl(request: SnippetRequest): string {
  const upload = [
    `curl -sN ${quoted(toAddress(request))}`,
    `-H ${quoted(`content-type: ${NDJSON_TYPE}`)}`,
    ...(request.needsKey ? [`-H "authorization: Bearer $${KEY_VARIABLE}"`] : []),
    '-X POST -T -',
  ].join(' \\\n  ');
  return `# One row on each line; for a file: < rows.ndjson\nprintf '%s\\n' ${quoted(JSON.stringify(request.body))} | ${upload}`;
}

function toTypescript(request: SnippetRequest): string {
  const asked = toQueryCode(request.query ?? {});
  const options = asked === '' ? '' : `, { query: ${asked} }`;
  return `import { createClient } from 'weir/client';

const weir = createClient({ ${toClientOptions(request)} });
async function* rows() {
  yield ${toCode(request.body).replaceAll('\n', '\n  ')};
}
for await (const answer of weir.predictStream(rows()${options})) {
  if ('problem' in answer) console.error(answer.line, answer.problem.detail);
  else console.log(answer.line, answer.prediction);
}`;
}

/** Sends in a thread of its own, because who sends must read meanwhile. */
function toPython(request: SnippetRequest): string {
  const { protocol, host } = new URL(request.origin);
  const connection = protocol === 'https:' ? 'HTTPSConnection' : 'HTTPConnection';
  const path = toAddress({ ...request, origin: '' });
  const key = `\nconnection.putheader("authorization", "Bearer " + os.environ["${KEY_VARIABLE}"])`;
  return `import json
${request.needsKey ? 'import os\n' : ''}from http.client import ${connection}
from threading import Thread

def rows():
    yield ${toPythonValue(request.body)}

def send():
    for row in rows():
        line = json.dumps(row).encode() + b"\\n"
        stream.sendall(b"%x\\r\\n%s\\r\\n" % (len(line), line))
    stream.sendall(b"0\\r\\n\\r\\n")

connection = ${connection}(${JSON.stringify(host)})
connection.putrequest("POST", ${JSON.stringify(path)})
connection.putheader("content-type", "${NDJSON_TYPE}")
connection.putheader("transfer-encoding", "chunked")${request.needsKey ? key : ''}
connection.endheaders()
stream = connection.sock  # http.client forgets it when the answer begins
Thread(target=send).start()
for line in connection.getresponse():
    print(json.loads(line))`;
}
