import { isIP } from 'node:net';
import { z } from 'zod';
import { limitSettings } from './limit-settings.ts';

/** Commands that compute goals. */
export const COMPUTING = ['serve', 'run', 'backfill', 'worker'];

const PREFIX_BITS_MAX = { 4: 32, 6: 128 };

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return (version === 4 || version === 6) && (bits === undefined || Number(bits) <= PREFIX_BITS_MAX[version]);
}

/** Where people look at Weir and where it listens. */
export const serverSettings = z.strictObject({
  host: z.string().default('127.0.0.1').meta({
    description: 'Address to listen on; for any other than a loopback address, requests need a login or an API key.',
    readBy: COMPUTING,
  }),
  port: z.int().min(0).max(65_535).default(8080).meta({
    description: 'Port of the web app and API; 0 takes any that is free.',
    readBy: COMPUTING,
  }),
  uploadMaxMb: z
    .number()
    .gt(0)
    .default(1024)
    .meta({
      description: 'Largest file that is taken by an upload into `folders.raw`.',
      unit: 'MB',
      readBy: ['serve'],
    }),
  drainSeconds: z
    .number()
    .min(0)
    .max(600)
    .default(0)
    .meta({
      description:
        'How long a server that is stopped goes on to answer while `/api/ready` says 503, so that load balancers send requests elsewhere.',
      unit: 'seconds',
      readBy: ['serve'],
    }),
  graceSeconds: z
    .number()
    .min(1)
    .max(600)
    .default(20)
    .meta({
      description: 'How long requests in progress have to be answered when a server stops, after `drainSeconds`.',
      unit: 'seconds',
      readBy: ['serve'],
    }),
  diskFreeMinMb: z
    .number()
    .min(0)
    .default(256)
    .meta({
      description: 'The server is not ready while the disk of the state folder has less free space.',
      unit: 'MB',
      readBy: ['serve'],
    }),
  reload: z
    .boolean()
    .default(true)
    .meta({
      description:
        'Whether a running server loads `project.ts`, what it imports and `config/` again when they change; runs in progress end with the code that they began with.',
      readBy: ['serve'],
    }),
  url: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .meta({
      description:
        'Address at which people reach Weir, such as that of a reverse proxy: for links, and accepted as Host and Origin of requests; empty for the host and port it listens on.',
      examples: ['https://weir.example.com'],
      readBy: COMPUTING,
    }),
  hosts: z
    .array(z.string().regex(/^[\w.[\]:-]+$/, 'expected a name such as weir.internal, with or without a port'))
    .default([])
    .meta({
      description: 'Further names by which requests may address Weir in the header Host, each with a port or with any.',
      examples: [['weir.internal', 'weir.internal:8443']],
      readBy: ['serve'],
    }),
  trustProxy: z
    .array(z.string().refine(isNetwork, 'expected an IP address or a network such as 10.0.0.0/8'))
    .default([])
    .meta({
      description:
        'Addresses or networks of reverse proxies whose headers `X-Forwarded-For`, `-Host` and `-Proto` are believed; those of others are ignored.',
      examples: [['127.0.0.1', '10.0.0.0/8']],
      readBy: ['serve'],
    }),
  tls: z
    .strictObject({
      certFile: z
        .string()
        .default('')
        .meta({
          description: 'File of the certificate chain in PEM, relative to the project; empty for http.',
          examples: ['/etc/weir/tls.crt'],
        }),
      keyFile: z
        .string()
        .default('')
        .meta({
          description: 'File of the private key in PEM.',
          examples: ['/etc/weir/tls.key'],
        }),
    })
    .prefault({})
    .meta({ description: 'To serve https without a reverse proxy; read at the start.', readBy: ['serve'] }),
  limits: limitSettings.prefault({}).meta({ description: 'What the server takes at most.', readBy: ['serve'] }),
});
