import { createHash } from 'node:crypto';

/** A key of an alert, in characters and a length that headers and services take: the same for the same alert. */
export const hashedKey = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 40);
