import { z } from 'zod';

/** A plain, visible name without a path. Without classes of Unicode, which programs in other languages cannot read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it refuses them
const FILE_NAME = /^[^./\\\x00-\x1f\x7f-\x9f][^/\\\x00-\x1f\x7f-\x9f]*$/;

export const fileName = z
  .string()
  .max(200)
  .regex(FILE_NAME, 'the name of a file without a path, that does not start with a dot');

export const receiveFileQuery = z.strictObject({
  name: fileName.meta({ description: 'Name that the file gets in raw-data', examples: ['houses.csv'] }),
});

export const receivedFile = z
  .object({
    file: z.string().meta({ description: 'Its name in raw-data; another one than the wanted one when that was taken' }),
    wanted: z.string(),
    sizeBytes: z.int(),
  })
  .meta({ id: 'ReceivedFile' });

export const waitingFile = z
  .object({
    file: z.string(),
    sizeBytes: z.int(),
    changedAt: z.iso.datetime(),
    runId: z.string().nullable().meta({ description: 'The run that ingests it; null while it waits' }),
  })
  .meta({ id: 'WaitingFile' });

export const waitingFiles = z
  .object({
    items: z.array(waitingFile),
    count: z.int().meta({ description: 'Number of all files; the list holds the newest ones' }),
  })
  .meta({ id: 'WaitingFiles' });

export type ReceivedFile = z.infer<typeof receivedFile>;
export type WaitingFile = z.infer<typeof waitingFile>;
