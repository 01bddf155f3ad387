import { z } from 'zod';

/** Where traces go. */
export const tracingSettings = z.strictObject({
  endpoint: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .meta({
      description: 'Address of a collector that takes traces by OTLP over HTTP; empty for no traces.',
      examples: ['http://127.0.0.1:4318'],
    }),
  headers: z
    .string()
    .default('')
    .meta({
      description: 'Headers for the collector, percent-encoded: `name=value,name=value`.',
      examples: ['api-key=secret'],
    }),
  privateHosts: z
    .string()
    .default('')
    .meta({
      description:
        'Hosts, separated by commas, whose names may lead to a private address; an address that is written as a number, and `localhost`, need no entry.',
      examples: ['collector.example.lan'],
    }),
  serviceName: z.string().min(1).default('weir').meta({ description: 'The name of this Weir in traces.' }),
});

/** Where events of what runs read and made go. */
export const lineageSettings = z.strictObject({
  url: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .meta({
      description: 'Address of a receiver of OpenLineage events, to which `api/v1/lineage` is added; empty for none.',
      examples: ['http://marquez.example.com:5000'],
    }),
  apiKey: z
    .string()
    .default('')
    .meta({ description: 'Bearer token for the receiver.', examples: ['secret'] }),
  privateHosts: z
    .string()
    .default('')
    .meta({
      description:
        'Hosts, separated by commas, whose names may lead to a private address; an address that is written as a number, and `localhost`, need no entry.',
      examples: ['marquez.example.lan'],
    }),
  file: z
    .string()
    .default('')
    .meta({
      description: 'File, relative to the state folder, to which events are appended instead; empty for none.',
      examples: ['lineage.ndjson'],
    }),
  namespace: z.string().min(1).default('weir').meta({
    description: 'Namespace of jobs and datasets; different for each Weir that sends to one receiver.',
  }),
  owner: z
    .string()
    .default('')
    .meta({ description: 'Who owns the pipelines, as events name it.', examples: ['team:data'] }),
});
