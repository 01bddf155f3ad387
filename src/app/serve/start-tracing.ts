import { isIP } from 'node:net';
import {
  checkedLookup,
  disableTracing,
  enableTracing,
  type OutgoingEffects,
  privateHostsOf,
  reachOf,
  withoutCredentials,
} from '#store';
import type { Config } from '../project/config.ts';

/** Spans are sent in groups after so long; a process of tasks that is ended loses those of the last moment. */
const SEND_AFTER_MS = 500;

const INSTALL =
  'npm install @opentelemetry/sdk-trace-node@2.12.1 @opentelemetry/resources@2.12.1 @opentelemetry/exporter-trace-otlp-http@0.223.1';

interface TracingEffects {
  readonly warn: (message: string) => void;
  /** How names of hosts are resolved. */
  readonly outgoing?: OutgoingEffects;
}

/**
 * Sends traces to the collector of the settings, when there is one. The SDK of OpenTelemetry is loaded only then; where it
 * is not installed, Weir says how to install it and goes on without. Ends with everything sent.
 */
export async function startTracing(
  { tracing: { endpoint, headers, serviceName, privateHosts } }: Pick<Config, 'tracing'>,
  { warn, outgoing }: TracingEffects,
): Promise<() => Promise<void>> {
  if (endpoint === '') return async () => undefined;
  const policy = { privateHosts: privateHostsOf(privateHosts, endpoint) };
  if (isReserved(endpoint)) {
    warn(
      `Traces are not sent to ${withoutCredentials(endpoint)}: its address is reserved, or belongs to this link alone.`,
    );
    return async () => undefined;
  }
  const sdk = await loadSdk().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    warn(
      `Traces are not sent to ${withoutCredentials(endpoint)}, because the SDK of OpenTelemetry cannot be loaded (${reason}): ${INSTALL}`,
    );
    return undefined;
  });
  if (sdk === undefined) return async () => undefined;
  const { api, node, exporter } = sdk;
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const provider = new node.NodeTracerProvider({
    resource: node.resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [
      new node.BatchSpanProcessor(
        new exporter.OTLPTraceExporter({
          ...{ url, headers: toHeaders(headers) },
          // No redirect is followed, and each connection goes to an address that was checked.
          httpAgentOptions: { keepAlive: true, lookup: checkedLookup(policy, outgoing) },
        }),
        { scheduledDelayMillis: SEND_AFTER_MS },
      ),
    ],
  });
  // With the context of AsyncLocalStorage and the headers of W3C Trace Context.
  provider.register();
  enableTracing(api);
  return async () => {
    disableTracing();
    await provider.shutdown();
    // Else the next one in this process would not be registered, and its spans would go nowhere.
    for (const part of [api.trace, api.context, api.propagation]) part.disable();
  };
}

/** Whether an address is written as a number at which no collector is; names are checked at each connection. */
function isReserved(endpoint: string): boolean {
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && reachOf(host) === 'never';
}

async function loadSdk() {
  const [api, node, resources, exporter] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  return { api, node: { ...node, ...resources }, exporter };
}

/** As the variable OTEL_EXPORTER_OTLP_HEADERS has them: `name=value,name=value`, percent-encoded. */
function toHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at <= 0 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}
