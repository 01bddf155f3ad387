import { z } from 'zod';

/** The setting of the authorities that a connection trusts. */
export const caFileSetting = (example: string) =>
  z
    .string()
    .default('')
    .meta({
      description:
        'File with the certificates, in PEM, of the only authorities that are trusted, relative to the project; empty for the usual ones.',
      examples: [example],
    });
