import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';

/** The API of OpenTelemetry. Only types of it are imported here, so that a process without tracing loads nothing. */
export type TracingApi = typeof import('@opentelemetry/api');

/** The trace that work belongs to, and the span that it is part of. */
export type TraceContext = Context;

/** Headers of W3C Trace Context: `traceparent`, and `tracestate` when there is one. */
export type TraceHeaders = Readonly<Record<string, string>>;

export interface SpanOptions {
  readonly kind?: 'server' | 'client' | 'internal';
  readonly attributes?: Attributes;
  /** What the span is part of; the work in progress unless given. */
  readonly parent?: TraceContext | undefined;
  /** What it is done for besides its parent, such as the other requests of a group. */
  readonly links?: readonly (TraceContext | undefined)[];
}

/** A span of work in progress. */
export interface OpenSpan {
  readonly context: TraceContext;
  readonly traceId: string;
  set(attributes: Attributes): void;
  fail(reason: string): void;
  end(): void;
}

interface Tracing {
  readonly api: TracingApi;
  readonly tracer: Tracer;
}

const TRACER = 'weir';

let tracing: Tracing | undefined;

/**
 * The one place where Weir touches OpenTelemetry. Until this is called, every function here does nothing but the work it
 * is given: a condition each.
 */
export function enableTracing(api: TracingApi): void {
  tracing = { api, tracer: api.trace.getTracer(TRACER) };
}

export function disableTracing(): void {
  tracing = undefined;
}

export const isTracing = (): boolean => tracing !== undefined;

/** The trace of the work in progress; undefined without tracing. */
export function presentTrace(): TraceContext | undefined {
  return tracing?.api.context.active();
}

/** Does work as a part of a trace. */
export function inTrace<T>(trace: TraceContext | undefined, work: () => T): T {
  return tracing === undefined || trace === undefined ? work() : tracing.api.context.with(trace, work);
}

/** Opens a span for work that does not end in one function; undefined without tracing. */
export function openSpan(name: string, options: SpanOptions = {}): OpenSpan | undefined {
  return tracing && open(tracing, name, options);
}

/** Does work in a span of its own; an error that it throws marks the span. */
export async function traced<T>(
  name: string,
  work: (span: OpenSpan | undefined) => Promise<T>,
  options: SpanOptions = {},
): Promise<T> {
  if (tracing === undefined) return work(undefined);
  const span = open(tracing, name, options);
  try {
    return await tracing.api.context.with(span.context, () => work(span));
  } catch (error) {
    span.fail(error instanceof Error ? error.name : 'error');
    throw error;
  } finally {
    span.end();
  }
}

/** Headers that carry the trace of the work in progress to another process. */
export function traceHeaders(): TraceHeaders | undefined {
  if (tracing === undefined) return undefined;
  const headers: Record<string, string> = {};
  tracing.api.propagation.inject(tracing.api.context.active(), headers);
  return headers;
}

/** The trace that headers of another process name; invalid ones name none. */
export function traceOf(headers: Readonly<Record<string, unknown>> | undefined): TraceContext | undefined {
  if (tracing === undefined || headers === undefined) return undefined;
  return tracing.api.propagation.extract(tracing.api.ROOT_CONTEXT, headers);
}

/** Fields for lines of a log, by the names of OpenTelemetry. */
export function traceFields(): { readonly trace_id?: string; readonly span_id?: string } {
  const present = tracing?.api.trace.getSpanContext(tracing.api.context.active());
  return present === undefined ? {} : { trace_id: present.traceId, span_id: present.spanId };
}

function open({ api, tracer }: Tracing, name: string, options: SpanOptions): OpenSpan {
  const { kind = 'internal', attributes = {}, parent = api.context.active(), links = [] } = options;
  const kinds = { server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT, internal: api.SpanKind.INTERNAL };
  const linked = links.flatMap((link) => {
    const context = link && api.trace.getSpanContext(link);
    return context === undefined ? [] : [{ context }];
  });
  const span: Span = tracer.startSpan(name, { kind: kinds[kind], attributes, links: linked }, parent);
  return {
    context: api.trace.setSpan(parent, span),
    traceId: span.spanContext().traceId,
    set: (more) => void span.setAttributes(more),
    // Messages may hold values of data, so that only names and codes are given.
    fail: (message) => void span.setStatus({ code: api.SpanStatusCode.ERROR, message }),
    end: () => span.end(),
  };
}
