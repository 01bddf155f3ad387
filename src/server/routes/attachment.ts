import path from 'node:path';

/** The header by which a browser saves an answer under the name of the file, and does not open it. */
export const attachment = (file: string): string =>
  `attachment; filename*=UTF-8''${encodeURIComponent(path.basename(file))}`;
