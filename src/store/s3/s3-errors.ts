import { StoreError } from '../errors.ts';

const HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    NoSuchBucket: 'the bucket does not exist; create it, or correct its name',
    InvalidAccessKeyId: 'the server does not know the access key; correct s3.accessKeyId or the environment',
    SignatureDoesNotMatch: 'the secret key is wrong, or s3.region is not that of the bucket',
    ExpiredToken: 'the credentials have expired',
    CredentialsProviderError:
      'there are no credentials; set s3.accessKeyId and s3.secretAccessKey, or what AWS programs use, such as AWS_ACCESS_KEY_ID or a role',
    AccessDenied:
      'these credentials may not do that; the policy needs GetObject, PutObject, DeleteObject, ListBucket, ListBucketMultipartUploads and AbortMultipartUpload',
    Forbidden: 'these credentials may not do that',
    PermanentRedirect: 'the bucket is in another region; correct s3.region',
    AuthorizationHeaderMalformed: 'the bucket is in another region; correct s3.region',
    RequestTimeTooSkewed: 'the clock of this machine is wrong',
    QuotaExceeded: 'the quota of the user or bucket is used up',
    ECONNREFUSED: 'nothing answers at the endpoint; start the server, or correct s3.endpoint',
    ENOTFOUND: 'the host of the endpoint is not known; correct s3.endpoint, or set s3.pathStyle',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not of a known authority; set s3.caFile',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not of a known authority; set s3.caFile',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not of a known authority; set s3.caFile',
  }),
);

/** HTTP status of an answer of the server; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const { $metadata } = error;
  const isAnswer = typeof $metadata === 'object' && $metadata !== null && 'httpStatusCode' in $metadata;
  return isAnswer && typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined;
}

/**
 * Adds to an error what was being done and what helps. The error of the SDK is no cause: its fields show headers and
 * hosts of the request.
 */
export function toBucketError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const { name, code, message } = toPlain(error);
  const status = statusOf(error);
  const hint = HINTS.get(name) ?? HINTS.get(code);
  // Some servers give no message, which the SDK calls an unknown one.
  const said = [name === 'Error' ? code : name, message === 'UnknownError' || message === name ? '' : message];
  const reason = `${said.filter((text) => text !== '').join(': ')}${status === undefined ? '' : `, HTTP ${status}`}`;
  const kind = name === 'NoSuchBucket' || hint?.includes('s3.') ? 'bucket_unusable' : 'bucket_failed';
  return new StoreError(kind, `Could not ${doing}: ${hint === undefined ? reason : `${hint} (${reason})`}.`);
}

function toPlain(error: unknown): { readonly name: string; readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { name: 'Error', code: '', message: String(error) };
  // An error for several addresses of a host says nothing itself.
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  const { name, message } = first instanceof Error ? first : error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { name, code, message };
}
