import type { ServerOptions } from '#server';
import type { Config } from '../project/config.ts';

const BYTES_PER_MB = 1024 * 1024;
const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;
/** By how much a connection may be silent longer than what is waited for. */
const STALL_MARGIN_MS = 5_000;

/** The limits of the server as its settings say them. */
export function serverLimits({ limits, uploadMaxMb, graceSeconds }: Config['server']) {
  const answerMs = limits.answerSeconds * MS_PER_SECOND;
  const streamIdleMs = limits.streamIdleSeconds * MS_PER_SECOND;
  return {
    bodyBytes: toBytes(limits.bodyMb),
    bodyBytesAtOnce: toBytes(limits.bodiesMb),
    bodyDepth: limits.bodyDepth,
    predictionRows: limits.rows,
    predictionRowsAtOnce: limits.rowsAtOnce,
    explainedRows: limits.explainedRows,
    problemsListed: limits.problems,
    predictionStreams: limits.streams,
    streamLineBytes: toBytes(limits.streamLineMb),
    streamIdleMs,
    exports: limits.exports,
    exportMs: limits.exportMinutes * MS_PER_MINUTE,
    requestsPerMinute: limits.requestsPerMinute,
    refusalsPerMinute: limits.refusalsPerMinute,
    connections: limits.connections,
    eventClients: limits.eventStreams,
    eventClientsOfOne: limits.eventStreamsOfOne,
    eventStreamMs: limits.eventStreamMinutes * MS_PER_MINUTE,
    receiveMs: limits.receiveSeconds * MS_PER_SECOND,
    answerMs,
    stallMs: Math.max(answerMs, streamIdleMs) + STALL_MARGIN_MS,
    uploadBytes: toBytes(uploadMaxMb),
    closeGraceMs: graceSeconds * MS_PER_SECOND,
  } satisfies ServerOptions['limits'];
}

const toBytes = (megabytes: number): number => Math.round(megabytes * BYTES_PER_MB);
