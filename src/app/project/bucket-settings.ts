import { z } from 'zod';
import { caFileSetting } from './ca-file-setting.ts';

/** How the server of the buckets is reached that other settings name. */
export const bucketSettings = z.strictObject({
  endpoint: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .meta({
      description: 'Address of a server of the S3 protocol; empty for Amazon S3.',
      examples: ['https://s3.example.com'],
    }),
  region: z
    .string()
    .default('')
    .meta({
      description:
        'Region of the buckets; empty for `AWS_REGION` or the profile of AWS programs, and with an endpoint for `us-east-1`.',
      examples: ['eu-central-1'],
    }),
  pathStyle: z.boolean().optional().meta({
    description:
      'Whether requests name the bucket in the path rather than in the host; unless set, they do with an endpoint.',
  }),
  accessKeyId: z
    .string()
    .default('')
    .meta({
      description:
        'Access key; empty for what AWS programs use: `AWS_ACCESS_KEY_ID`, a profile, or the role of the machine or container.',
      examples: ['AKIAIOSFODNN7EXAMPLE'],
    }),
  secretAccessKey: z
    .string()
    .default('')
    .meta({
      description: 'Secret key for the access key; a secret, so better a variable than a file.',
      examples: ['wJalrXUtnFEMI…'],
    }),
  sessionToken: z
    .string()
    .default('')
    .meta({ description: 'Token of temporary credentials, a secret too.', examples: ['FwoGZXIvYXdz…'] }),
  caFile: caFileSetting('/etc/weir/storage-ca.pem'),
  cacheMb: z.int().min(1).max(10_000_000).default(10_000).meta({
    description:
      'How much of the content of buckets is kept as files in the state folder, for programs that need a path; beyond, what was used longest ago is removed.',
    unit: 'MB',
  }),
});
