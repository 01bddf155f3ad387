import type { OpenS3 } from './s3-client.ts';
import { PART_BYTES, type UploadContent } from './upload-content.ts';

/** The protocol has 10,000. */
const PARTS_MAX = 9_000;
/** With the size of a part, what an upload holds in memory. */
const PARTS_AT_ONCE = 3;

/** Sends content in parts that become one object at the end, or nothing. */
export async function uploadParts(
  object: { readonly Bucket: string; readonly Key: string },
  {
    content,
    condition,
    s3,
  }: { readonly content: UploadContent; readonly condition: { readonly IfNoneMatch?: string }; readonly s3: OpenS3 },
): Promise<void> {
  const { sdk, client } = s3;
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(object));
  const upload = { ...object, UploadId };
  try {
    const size = Math.max(PART_BYTES, Math.ceil(content.sizeBytes / PARTS_MAX));
    const count = Math.ceil(content.sizeBytes / size);
    const parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
    let next = 0;
    const send = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        try {
          const Body = await content.read(index * size, Math.min((index + 1) * size, content.sizeBytes));
          const { ETag } = await client.send(new sdk.UploadPartCommand({ ...upload, PartNumber: index + 1, Body }));
          parts[index] = { PartNumber: index + 1, ETag };
        } catch (error) {
          next = count;
          throw error;
        }
      }
    };
    await all(Array.from({ length: PARTS_AT_ONCE }, send));
    await content.assertUnchanged?.();
    await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts }, ...condition }),
    );
  } catch (error) {
    // An error of the removal adds nothing to the first one; what stays is removed when it is a day old.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** Waits for all of them, also when one fails: the upload must not be ended while a part is on its way. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(work)) if (end.status === 'rejected') throw end.reason;
}
