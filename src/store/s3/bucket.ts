import { Readable } from 'node:stream';
import type { ListMultipartUploadsCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { S3Address } from './s3-address.ts';
import { type OpenS3, openS3, type S3Settings } from './s3-client.ts';
import { statusOf, toBucketError } from './s3-errors.ts';
import { PART_BYTES, type UploadContent } from './upload-content.ts';
import { uploadParts } from './upload-parts.ts';

/** What a bucket says of an object. Equal etags of a key mean equal content. */
export interface BucketObject {
  /** Below the prefix of the bucket's address. */
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** By the clock of the server, in whole seconds. */
  readonly modifiedAt: Date;
}

/** Bytes of an object, and which of its states they are of. */
export interface BucketContent {
  readonly etag: string;
  readonly sizeBytes: number;
  readonly stream: Readable;
}

/** A place in a bucket, through which keys are relative to its prefix. */
export interface Bucket {
  /** For people: `s3://<bucket>/<prefix><key>`. */
  addressOf(key: string): string;
  maybeStat(key: string): Promise<BucketObject | undefined>;
  /** The content from its first byte or a later one; undefined when there is no such object, or not in that state. */
  maybeRead(
    key: string,
    options?: { readonly from?: number | undefined; readonly etag?: string | undefined },
  ): Promise<BucketContent | undefined>;
  /** Writes an object that does not exist yet, whole or not at all; false when it exists. Of writers at once, one wins. */
  create(key: string, content: UploadContent): Promise<boolean>;
  /** Writes an object, whole or not at all, also over an existing one. */
  write(key: string, content: UploadContent): Promise<void>;
  /** Makes the server write an object again from itself; false when there is none, or when it is too large for that. */
  touch(key: string, sizeBytes: number): Promise<boolean>;
  /** With an etag, an object in that state alone, on servers that know the condition. */
  remove(key: string, options?: { readonly etag?: string }): Promise<void>;
  /** Objects by their keys in order, a page at a time; flat, without those that have a slash behind the prefix. */
  list(options?: { readonly prefix?: string; readonly isFlat?: boolean }): AsyncGenerator<BucketObject>;
}

/** What the server copies in one request. */
const COPY_BYTES_MAX = 5 * 1024 ** 3;
/** How often in a row a download may break off without a byte. */
const BREAKS_MAX = 10;
/** How often an answer may say that another writer is at work just now. */
const CONFLICTS_MAX = 10;
const CONFLICT_PAUSE_MS = 100;
const [MISSING, CONFLICT, EXISTS, BEYOND] = [404, 409, 412, 416];

/** At the start, an error soon is better than a late one. */
const FIRST_ATTEMPTS_MAX = 4;
/** No upload takes so long; an older one is of a process that ended in the middle. */
const UPLOAD_MS_MAX = 24 * 60 * 60 * 1000;

/** Opens a place in a bucket that can be used, and ends uploads that processes left there when they were killed. */
export async function openBucket(
  address: S3Address,
  settings: S3Settings,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<Bucket> {
  const first = await openS3(settings, { attemptsMax: FIRST_ATTEMPTS_MAX });
  await new S3Bucket(address, first).removeUploads(new Date(now() - UPLOAD_MS_MAX));
  first.client.destroy();
  return new S3Bucket(address, await openS3(settings));
}

class S3Bucket implements Bucket {
  readonly #address: S3Address;
  readonly #s3: OpenS3;

  constructor(address: S3Address, s3: OpenS3) {
    this.#address = address;
    this.#s3 = s3;
  }

  addressOf(key: string): string {
    return `s3://${this.#address.bucket}/${this.#address.prefix}${key}`;
  }

  async maybeStat(key: string): Promise<BucketObject | undefined> {
    const { sdk, client } = this.#s3;
    try {
      const {
        ContentLength = 0,
        ETag = '',
        LastModified,
      } = await client.send(new sdk.HeadObjectCommand(this.#object(key)));
      return { key, sizeBytes: ContentLength, etag: ETag, modifiedAt: inSeconds(LastModified) };
    } catch (error) {
      // The answer to a HEAD has no body that would tell a missing bucket from a missing object.
      if (statusOf(error) === MISSING) return undefined;
      throw toBucketError(error, `look for ${this.addressOf(key)}`);
    }
  }

  async maybeRead(
    key: string,
    { from = 0, etag }: { readonly from?: number | undefined; readonly etag?: string | undefined } = {},
  ): Promise<BucketContent | undefined> {
    const found = await this.#get(key, { from, etag });
    return found && { etag: found.etag, sizeBytes: found.end, stream: this.#resuming(key, { first: found, from }) };
  }

  /** A download that breaks off is asked for again from there, as long as the object is the same. */
  #resuming(key: string, { first, from }: { readonly first: Answer; readonly from: number }): Readable {
    let body = first.body;
    const next = async (at: number): Promise<Readable> => {
      const again = await this.#get(key, { from: at, etag: first.etag });
      if (again === undefined)
        throw toBucketError(new Error('it was removed or replaced meanwhile'), `read ${this.addressOf(key)}`);
      return again.body;
    };
    async function* bytes(): AsyncGenerator<Uint8Array> {
      let at = from;
      for (let breaks = 0; ; ) {
        try {
          for await (const chunk of body) {
            at += chunk.length;
            breaks = 0;
            yield chunk;
          }
          if (at >= first.end) return;
        } catch (error) {
          if (++breaks >= BREAKS_MAX) throw error;
        }
        body = await next(at);
      }
    }
    const stream = Readable.from(bytes(), { objectMode: false });
    // A generator that never began has no end of its own.
    stream.once('close', () => body.destroy());
    return stream;
  }

  async create(key: string, content: UploadContent): Promise<boolean> {
    for (let conflicts = 0; ; conflicts++) {
      try {
        await this.#upload(key, { content, isNew: true });
        return true;
      } catch (error) {
        if (statusOf(error) === EXISTS || (await this.#isThere(key, { error, content }))) return false;
        if (statusOf(error) !== CONFLICT || conflicts >= CONFLICTS_MAX)
          throw toBucketError(error, `write ${this.addressOf(key)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, CONFLICT_PAUSE_MS));
    }
  }

  async write(key: string, content: UploadContent): Promise<void> {
    try {
      await this.#upload(key, { content, isNew: false });
    } catch (error) {
      if (await this.#isThere(key, { error, content })) return;
      throw toBucketError(error, `write ${this.addressOf(key)}`);
    }
  }

  async touch(key: string, sizeBytes: number): Promise<boolean> {
    if (sizeBytes > COPY_BYTES_MAX) return false;
    const { sdk, client } = this.#s3;
    const { Bucket, Key } = this.#object(key);
    try {
      await client.send(
        // Amazon refuses a copy onto itself that changes nothing.
        new sdk.CopyObjectCommand({
          ...{ Bucket, Key, CopySource: `${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}` },
          ...{ MetadataDirective: 'REPLACE', Metadata: { touched: new Date().toISOString() } },
        }),
      );
      return true;
    } catch (error) {
      if (statusOf(error) === MISSING) return false;
      throw toBucketError(error, `write ${this.addressOf(key)} again`);
    }
  }

  async remove(key: string, { etag }: { readonly etag?: string } = {}): Promise<void> {
    const { sdk, client } = this.#s3;
    try {
      const condition = etag === undefined ? {} : { IfMatch: etag };
      await client.send(new sdk.DeleteObjectCommand({ ...this.#object(key), ...condition }));
    } catch (error) {
      const isOther = etag !== undefined && statusOf(error) === EXISTS;
      if (statusOf(error) !== MISSING && !isOther) throw toBucketError(error, `remove ${this.addressOf(key)}`);
    }
  }

  async *list({ prefix = '', isFlat = false } = {}): AsyncGenerator<BucketObject> {
    const { sdk, client } = this.#s3;
    const { bucket, prefix: above } = this.#address;
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await client
        .send(
          new sdk.ListObjectsV2Command({
            ...{ Bucket: bucket, Prefix: `${above}${prefix}`, ContinuationToken: token },
            ...(isFlat ? { Delimiter: '/' } : {}),
          }),
        )
        .catch((error: unknown) => {
          throw toBucketError(error, `list ${this.addressOf(prefix)}`);
        });
      for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? [])
        yield { key: Key.slice(above.length), sizeBytes: Size, etag: ETag, modifiedAt: inSeconds(LastModified) };
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /** Ends uploads that were begun before and never ended: their parts are kept, and paid for, until then. */
  async removeUploads(begunBefore: Date): Promise<void> {
    const { sdk, client } = this.#s3;
    const { bucket, prefix } = this.#address;
    let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | undefined = {};
    try {
      while (marker !== undefined) {
        const page: ListMultipartUploadsCommandOutput = await client.send(
          new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker }),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
          if (Initiated !== undefined && Initiated < begunBefore)
            await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })).catch((error) => {
              // Another process was faster.
              if (statusOf(error) !== MISSING) throw error;
            });
        const { NextKeyMarker, NextUploadIdMarker } = page;
        marker =
          page.IsTruncated === true && NextKeyMarker !== undefined && NextUploadIdMarker !== undefined
            ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
            : undefined;
      }
    } catch (error) {
      throw toBucketError(error, `remove uploads that were left in ${this.addressOf('')}`);
    }
  }

  #object(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#address.bucket, Key: `${this.#address.prefix}${key}` };
  }

  async #get(
    key: string,
    { from, etag }: { readonly from: number; readonly etag: string | undefined },
  ): Promise<Answer | undefined> {
    const { sdk, client } = this.#s3;
    try {
      const got = await client.send(
        new sdk.GetObjectCommand({
          ...this.#object(key),
          ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
          ...(etag === undefined ? {} : { IfMatch: etag }),
        }),
      );
      // In Node the body is always a stream of it.
      const body = got.Body as Readable;
      return { body, etag: got.ETag ?? '', end: from + (got.ContentLength ?? 0) };
    } catch (error) {
      const status = statusOf(error);
      const isOther = status === EXISTS && etag !== undefined;
      if ((status === MISSING && toBucketError(error, '').code !== 'bucket_unusable') || isOther) return undefined;
      if (status === BEYOND) return { body: Readable.from([]), etag: etag ?? '', end: from };
      throw toBucketError(error, `read ${this.addressOf(key)}`);
    }
  }

  /** An upload is unknown once it is an object: the answer to its end was lost, and the end was asked for again. */
  async #isThere(
    key: string,
    { error, content }: { readonly error: unknown; readonly content: UploadContent },
  ): Promise<boolean> {
    if (!(error instanceof Error) || error.name !== 'NoSuchUpload') return false;
    return (await this.maybeStat(key))?.sizeBytes === content.sizeBytes;
  }

  async #upload(
    key: string,
    { content, isNew }: { readonly content: UploadContent; readonly isNew: boolean },
  ): Promise<void> {
    const { sdk, client } = this.#s3;
    const condition = isNew ? { IfNoneMatch: '*' } : {};
    if (content.sizeBytes > PART_BYTES) return uploadParts(this.#object(key), { content, condition, s3: this.#s3 });
    const Body = await content.read(0, content.sizeBytes);
    const command = new sdk.PutObjectCommand({ ...this.#object(key), Body, ...condition });
    const { sha256 } = content;
    if (sha256 !== undefined)
      command.middlewareStack.add(
        (next) => (args) => {
          // In this step the request is built: an object with headers.
          const { headers } = args.request as { readonly headers: Record<string, string> };
          headers['x-amz-content-sha256'] = sha256;
          return next(args);
        },
        { step: 'build' },
      );
    await client.send(command);
  }
}

interface Answer {
  readonly body: Readable;
  readonly etag: string;
  /** Where the object ends. */
  readonly end: number;
}

/** Answers about one object have whole seconds, lists have milliseconds: the same object has one time. */
function inSeconds(time: Date | undefined): Date {
  return new Date(Math.floor((time?.getTime() ?? 0) / 1000) * 1000);
}
