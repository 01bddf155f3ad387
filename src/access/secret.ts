import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

/** A secret of 256 random bits in hexadecimal digits. No dictionary holds it, so one round of SHA-256 protects it. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('hex');

/** What is stored instead of a secret. */
export const digestOfSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Something that follows from a secret for one purpose, and from which the secret does not follow. */
export const macOfSecret = (secret: string, purpose: string): Buffer =>
  createHmac('sha256', secret).update(purpose).digest();

/** Whether two digests are equal, in a time that does not depend on where they differ. */
export const isSameDigest = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
