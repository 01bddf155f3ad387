/** The ten parts, in the order data passes through them, and the doors each may import. */
export const MAY_IMPORT = {
  store: [],
  engine: ['store'],
  contracts: ['store'],
  ml: ['contracts', 'store'],
  monitor: ['ml', 'contracts', 'store'],
  pipelines: ['monitor', 'ml', 'contracts', 'engine', 'store'],
  api: ['engine', 'contracts', 'ml', 'monitor'],
  server: ['api', 'engine', 'contracts', 'ml', 'monitor'],
  web: ['api'],
  app: ['store', 'engine', 'contracts', 'ml', 'monitor', 'pipelines', 'api', 'server'],
} as const satisfies Arrows;

/** From a part to the parts it may import. */
export type Arrows = Readonly<Record<string, readonly string[]>>;

/** Parts that take nothing but types from the others: their code runs in a browser. */
export const TYPES_ONLY = ['api'];

/** Parts whose code runs in a browser, where Node's own modules are not. */
export const IN_BROWSER = ['api', 'web'];

/**
 * Arrows that are allowed, and that nobody uses yet. An arrow nobody uses is a door left open, so this list only
 * shrinks: an entry that is in use fails the test.
 */
export const NOT_YET_USED: readonly string[] = [];

/** Folders of pure data, which may be long. By folder and never by name; one that is not there fails the test. */
export const PURE_DATA: readonly string[] = [];

/**
 * Files that may compute a digest, and of what. A digest is the hash of bytes that exist; the identity of a result
 * before it exists is a key, and only `src/engine/key.ts` makes those. An entry that hashes nothing fails the test.
 */
export const MAY_HASH: Readonly<Record<string, string>> = {
  'src/engine/key.ts': 'keys',
};

/** Files that turn data into text and touch nothing. */
export const COMPILERS: readonly string[] = ['src/contracts/check/compile.ts'];
