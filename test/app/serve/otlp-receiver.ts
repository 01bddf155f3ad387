import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

// The messages of opentelemetry/proto/trace/v1/trace.proto in the JSON encoding of OTLP: ids are hexadecimal, 64-bit
// integers are strings, and enumerations are numbers. Strict, so that a field that the protocol does not know fails.
const value: z.ZodType = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ intValue: z.union([z.string().regex(/^-?\d+$/), z.int()]) }),
    z.strictObject({ doubleValue: z.number() }),
    z.strictObject({ arrayValue: z.strictObject({ values: z.array(value) }) }),
  ]),
);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const count = z.int().min(0).optional();
const traceId = z.string().regex(/^(?!0+$)[0-9a-f]{32}$/);
const spanId = z.string().regex(/^(?!0+$)[0-9a-f]{16}$/);
const nanos = z.string().regex(/^\d+$/);
const span = z.strictObject({
  ...{ traceId, spanId, traceState: z.string().optional(), parentSpanId: spanId.optional(), flags: z.int().optional() },
  ...{ name: z.string().min(1), kind: z.int().min(0).max(5), startTimeUnixNano: nanos, endTimeUnixNano: nanos },
  ...{ attributes, droppedAttributesCount: count, droppedEventsCount: count, droppedLinksCount: count },
  events: z.array(z.unknown()).optional(),
  links: z
    .array(
      z.strictObject({
        ...{ traceId, spanId, traceState: z.string().optional(), flags: z.int().optional() },
        ...{ attributes, droppedAttributesCount: count },
      }),
    )
    .optional(),
  status: z.strictObject({ code: z.int().min(0).max(2).optional(), message: z.string().optional() }),
});
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.object({ attributes, droppedAttributesCount: count }),
      schemaUrl: z.string().optional(),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.object({ name: z.string(), version: z.string().optional() }),
          schemaUrl: z.string().optional(),
          spans: z.array(span),
        }),
      ),
    }),
  ),
});

export type ReceivedSpan = z.infer<typeof span>;

/** A collector on loopback that takes traces by OTLP over HTTP, as JSON. */
export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  /** What was not of the protocol. */
  readonly problems: string[];
  close(): Promise<void>;
}

export async function receiveOtlp(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const problems: string[] = [];
  const server = createServer(async (asked, answer) => {
    const parsed = request.safeParse(JSON.parse(await text(asked)));
    if (asked.url !== '/v1/traces') problems.push(`${asked.url}`);
    if (parsed.success)
      spans.push(...parsed.data.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    else problems.push(z.prettifyError(parsed.error));
    answer.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, spans, problems, close };
}
