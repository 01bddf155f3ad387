import { z } from 'zod';

const SECONDS_MAX = 3600;
const MINUTES_MAX = 1440;

const seconds = (least: number) => z.number().min(least).max(SECONDS_MAX);

/** What the server takes at most, so that no client can take all of it. Defaults are those of `DEFAULT_LIMITS`. */
export const limitSettings = z.strictObject({
  bodyMb: z.number().min(0.01).max(1024).default(16).meta({
    description: 'Largest body of a request, but for uploads and streams; a larger one is refused with 413.',
    unit: 'MB',
  }),
  bodiesMb: z.number().min(0.01).max(65_536).default(256).meta({
    description:
      'Bytes of all requests that are held at once, of which one client gets half; beyond it the answer is 503. A stream counts with what is in memory of it.',
    unit: 'MB',
  }),
  bodyDepth: z.int().min(1).max(1000).default(64).meta({
    description: 'How many objects and lists may be within each other in a body.',
  }),
  rows: z.int().min(1).max(10_000).default(10_000).meta({
    description: 'Rows that one request may predict; streams are for more.',
  }),
  rowsAtOnce: z.int().min(1).max(10_000_000).default(200_000).meta({
    description: 'Rows of all requests that are predicted at once; beyond it the answer is 503.',
  }),
  explainedRows: z.int().min(1).max(100).default(100).meta({
    description: 'Rows of one request that are explained, and of one batch of a stream.',
  }),
  problems: z.int().min(1).max(1000).default(100).meta({
    description: 'Problems of rows that one answer lists; it counts more.',
  }),
  streams: z.int().min(1).max(1000).default(16).meta({
    description: 'Streams of rows that are open at once; beyond it the answer is 503.',
  }),
  streamLineMb: z.number().min(0.001).max(16).default(1).meta({
    description: 'Longest line of a stream; a longer one is answered with a problem.',
    unit: 'MB',
  }),
  streamIdleSeconds: seconds(0.1).default(60).meta({
    description: 'How long a stream of rows may neither send nor take a line.',
    unit: 'seconds',
  }),
  exports: z.int().min(1).max(16).default(2).meta({
    description: 'Exports of past predictions at once, each of which holds a connection to the database.',
  }),
  exportMinutes: z.number().min(0.01).max(MINUTES_MAX).default(15).meta({
    description: 'How long an export may take; one that takes longer is cut off.',
    unit: 'minutes',
  }),
  requestsPerMinute: z.int().min(0).max(10_000_000).default(60_000).meta({
    description: 'Requests a minute of one user or one API key; 0 for no limit. Beyond it the answer is 429.',
  }),
  refusalsPerMinute: z.int().min(0).max(1_000_000).default(120).meta({
    description: 'Refusals a minute of one address for want of a valid login or API key; 0 for no limit.',
  }),
  connections: z.int().min(1).max(100_000).default(2000).meta({
    description: 'Connections that are open at once; further ones are closed. Read at the start.',
  }),
  eventStreams: z.int().min(1).max(100_000).default(200).meta({
    description: 'Streams of events that are open at once, of all clients together; each open page has one.',
  }),
  eventStreamsOfOne: z.int().min(1).max(100_000).default(40).meta({
    description: 'Streams of events of one user, API key or address.',
  }),
  eventStreamMinutes: z.number().min(0.01).max(MINUTES_MAX).default(30).meta({
    description: 'How long a stream of events lasts; its client connects again by itself.',
    unit: 'minutes',
  }),
  receiveSeconds: seconds(0.1).default(30).meta({
    description: 'How long a request may take to arrive, but for uploads and streams. Read at the start.',
    unit: 'seconds',
  }),
  answerSeconds: seconds(0.1).default(60).meta({
    description: 'How long it may take until an answer begins, also while the body arrives; then the answer is 503.',
    unit: 'seconds',
  }),
});

export type LimitSettings = z.infer<typeof limitSettings>;
