import { z } from 'zod';
import { caFileSetting } from './ca-file-setting.ts';

const spark = z.strictObject({
  url: z
    .union([z.literal(''), z.string().regex(/^sc:\/\/\S+$/, 'expected sc://<host>:<port>')])
    .default('')
    .meta({
      description:
        'Address of a server of Spark Connect, with parameters as its own clients write them; empty for none.',
      examples: ['sc://spark.example.com:15002/;use_ssl=true'],
    }),
  token: z
    .string()
    .default('')
    .meta({
      description: 'Its token, sent over TLS or to this machine alone; a secret, so better a variable than a file.',
      examples: ['eyJ…'],
    }),
  caFile: caFileSetting('/etc/weir/spark-ca.pem'),
});

/** Engines beside DuckDB, for data bigger than one machine. */
export const engineSettings = z.strictObject({
  spark: spark
    .prefault({})
    .meta({ description: 'A cluster of Apache Spark, or another server of its protocol.', readBy: ['check'] }),
});
