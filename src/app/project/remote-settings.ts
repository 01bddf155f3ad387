import { z } from 'zod';

const IN_FLIGHT_MAX = 10_000;

const temporal = z.strictObject({
  address: z
    .string()
    .regex(/^[^\s/]+:\d{1,5}$/, 'expected <host>:<port>')
    .default('127.0.0.1:7233')
    .meta({ description: 'Host and port of its frontend.', examples: ['temporal.example.com:7233'] }),
  namespace: z.string().min(1).default('default').meta({ description: 'Namespace of its activities.' }),
  apiKey: z
    .string()
    .default('')
    .meta({
      description:
        'Its key, where it asks for one, which is then sent by TLS; a secret, so better a variable than a file.',
      examples: ['eyJ…'],
    }),
});

/** Settings of the executor `remote`. */
export const remoteSettings = z.strictObject({
  transport: z.enum(['pg-boss', 'temporal']).default('pg-boss').meta({
    description:
      'What brings task runs to workers: `pg-boss`, over the database of Weir, with no other server, or `temporal`, a server of Temporal that you run.',
  }),
  temporal: temporal.prefault({}).meta({ description: 'Where that server is.' }),
  inFlight: z.int().min(1).max(IN_FLIGHT_MAX).default(100).meta({
    description:
      'How many task runs may be with workers, or on the way to them, at the same time. At least the slots of all workers; more of them waiting delay what becomes urgent.',
  }),
});
