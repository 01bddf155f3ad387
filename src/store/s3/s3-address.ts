import { StoreError } from '../errors.ts';

/** A place in a bucket: `s3://<bucket>/<prefix>`. */
export interface S3Address {
  readonly bucket: string;
  /** Empty, or ends with a slash: what the keys of this place begin with. */
  readonly prefix: string;
}

const SCHEME = 's3://';
/** The rules of Amazon, which other servers share, but for names in the form of an IP address. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What every server and tool takes without escapes; a blank or a plus is read in two ways. */
const SEGMENT = /^[\w.!*'()=@:-]+$/;
/** A key has 1,024 bytes at most, and names of files follow the prefix. */
const PREFIX_LENGTH_MAX = 500;

export const isS3Address = (text: string): boolean => text.startsWith(SCHEME);

/** Whether a text is an address as `toS3Address` takes it. */
export function isValidS3Address(text: string): boolean {
  if (!isS3Address(text)) return false;
  const [bucket = '', ...segments] = text.slice(SCHEME.length).replace(/\/$/, '').split('/');
  if (!BUCKET.test(bucket) || text.length > PREFIX_LENGTH_MAX) return false;
  return segments.every((segment) => SEGMENT.test(segment) && segment !== '.' && segment !== '..');
}

export function toS3Address(text: string): S3Address {
  if (!isValidS3Address(text))
    throw new StoreError(
      'bucket_unusable',
      `Expected s3://<bucket>/<prefix>, with a bucket of 3 to 63 lower-case letters, digits, dots and hyphens, and a prefix without blanks; got ${JSON.stringify(text.slice(0, 100))}.`,
    );
  const [bucket = '', ...segments] = text.slice(SCHEME.length).replace(/\/$/, '').split('/');
  return { bucket, prefix: segments.map((segment) => `${segment}/`).join('') };
}
