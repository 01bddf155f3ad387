import type { S3Client } from '@aws-sdk/client-s3';
import { StoreError } from '../errors.ts';
import { readAuthorities } from '../read-authorities.ts';

/** How a server of the S3 protocol is reached. Each text may be empty. */
export interface S3Settings {
  /** Address of the server, `https://…`; empty for Amazon S3. */
  readonly endpoint: string;
  /** Empty for what the environment says, else `us-east-1`, which servers beside Amazon take. */
  readonly region: string;
  /** Whether the bucket is in the path of a request rather than in its host. */
  readonly pathStyle: boolean;
  /** Empty for the environment, the profile, or the role of the machine, as all AWS programs find them. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Certificates of authorities in PEM, beside which no other is trusted. */
  readonly caFile: string;
}

/** The SDK, which only a process with a bucket loads: 25 MB of memory and a tenth of a second. */
export type S3Sdk = typeof import('@aws-sdk/client-s3');

export interface OpenS3 {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
}

const INSTALL = 'npm install @aws-sdk/client-s3@3.1175.0';
/** With the SDK's pauses, 0.1 s that double up to 20 s with jitter: a server may be away for some 40 s. */
const ATTEMPTS_MAX = 12;
const CONNECT_MS = 5_000;
/** Nothing came or went for so long. */
const IDLE_MS = 60_000;
const SOCKETS_MAX = 50;
const AUTHORITIES = { of: 'S3', setting: 's3.caFile', code: 'bucket_unusable' } as const;

/** Opens a client. Nothing is asked of the server yet. */
export async function openS3(settings: S3Settings, { attemptsMax = ATTEMPTS_MAX } = {}): Promise<OpenS3> {
  const sdk = await loadSdk();
  const { endpoint, region, pathStyle, accessKeyId, secretAccessKey, sessionToken, caFile } = settings;
  const ca = caFile === '' ? undefined : await readAuthorities(caFile, AUTHORITIES);
  const client = new sdk.S3Client({
    ...(endpoint === '' ? {} : { endpoint }),
    ...(region !== '' ? { region } : endpoint !== '' ? { region: 'us-east-1' } : {}),
    forcePathStyle: pathStyle,
    ...(accessKeyId === ''
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) } }),
    maxAttempts: attemptsMax,
    // Servers beside Amazon refuse the newer checksums; requests are signed with the SHA-256 of their body anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS_MAX, ...(ca === undefined ? {} : { ca }) },
    },
  });
  return { sdk, client };
}

async function loadSdk(): Promise<S3Sdk> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    throw new StoreError('bucket_unusable', `Buckets need the S3 client of AWS, which is not installed: ${INSTALL}`, {
      cause,
    });
  }
}
