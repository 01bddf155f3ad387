import type { z } from 'zod';
import type { Access } from './roles.ts';
import type { Tag } from './tags.ts';
import type { Deprecation } from './versions.ts';

/** One endpoint: request and response. The server implements it, the web app calls it, OpenAPI is generated from it. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly tag: Tag;
  /** Who may use it: the least role, or anyone. */
  readonly access: Access;
  readonly summary: string;
  /** Of a method other than GET: false when the audit log does not keep it, because it changes nothing or is no decision. */
  readonly isChange?: false;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
  /** Whether the body is bytes instead of JSON. */
  readonly isRaw?: true;
  /** Bodies of other media types than JSON that it takes too, by type. */
  readonly otherBodies?: Readonly<Record<string, z.ZodType>>;
  readonly answer: z.ZodType;
  /** Media type of the answer, when it is not JSON. */
  readonly answerType?: string;
  /** A line of the body, and of the answer, of a route that also takes and answers lines (`application/x-ndjson`). */
  readonly lines?: { readonly body: z.ZodType; readonly answer: z.ZodType };
  /** The body of a 503 that is not an error. */
  readonly unavailable?: z.ZodType;
  /** The body of an error, when it is more than that of all routes: of protocols whose clients look for a field of their own. */
  readonly refusal?: z.ZodType;
  /** Whether the answer holds a secret, such as a key that is shown once: it is never compressed. */
  readonly holdsSecret?: true;
  /** Whether the answer has an entity tag, so that a client who has it gets 304 and no body. */
  readonly isTagged?: true;
  /** Set when it will be removed: its answers then say since when it is deprecated, until when it works, and what to use. */
  readonly deprecated?: Deprecation;
}
