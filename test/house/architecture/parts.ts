/**
 * The parts, in the order data passes through them, and the doors each may import. `contracts/browser` is a second
 * door of contracts: what of it runs in a browser.
 */
export const MAY_IMPORT = {
  store: [],
  engine: ['store'],
  contracts: ['store'],
  ml: ['contracts', 'store'],
  monitor: ['ml', 'contracts', 'store'],
  pipelines: ['monitor', 'ml', 'contracts', 'engine', 'store'],
  api: [],
  access: ['api', 'store'],
  server: ['api', 'access', 'engine', 'contracts', 'ml', 'monitor', 'store'],
  web: ['api', 'contracts/browser'],
  app: ['store', 'engine', 'contracts', 'ml', 'monitor', 'pipelines', 'api', 'access', 'server'],
} as const satisfies Arrows;

/** From a part to the parts it may import. */
export type Arrows = Readonly<Record<string, readonly string[]>>;

/** The rooms of a part from the ground up: a room imports from rooms below it. Files beside the rooms stand above all of them. */
export const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  app: [['project'], ['serve'], ['cli']],
  engine: [['define'], ['code', 'records'], ['execute'], ['remote', 'resolve'], ['drive', 'schedule', 'upkeep']],
};

/** Parts whose rooms still import each other in a cycle. The list only shrinks: a part without such a cycle fails the test. */
export const NOT_YET_LAYERED: readonly string[] = [];

/** Arrows on which nothing but types may travel. The server is handed a database and hands it on, and never opens one. */
export const TYPES_ONLY: readonly string[] = ['server -> store'];

/** Parts whose code runs in a browser, where Node's own modules are not. */
export const IN_BROWSER = ['api', 'web'];

/** Doors through which such a part takes code of another: nothing behind them needs Node or another part. */
export const BROWSER_DOORS = ['contracts/browser'];

/**
 * Arrows that are allowed, and that nobody uses yet. An arrow nobody uses is a door left open, so this list only
 * shrinks: an entry that is in use fails the test.
 */
export const NOT_YET_USED: readonly string[] = [];

/** Folders of pure data, which may be long. By folder and never by name; one that is not there fails the test. */
export const PURE_DATA: readonly string[] = [];

/**
 * Files that may compute a digest, and of what. A digest is the hash of bytes that exist; the identity of a result
 * before it exists is a key, and only `src/engine/define/key.ts` makes those. An entry that hashes nothing fails the test.
 */
export const MAY_HASH: Readonly<Record<string, string>> = {
  'src/access/secret.ts': 'a key or token, to store no secret',
  'src/app/project/load-project.ts': 'the bundle of a project, to name its file',
  'src/app/serve/loaded-files.ts': 'what a server was loaded from, for commands beside it',
  'src/app/project/project-code.ts': 'the list of what was built, to name its file',
  'src/contracts/partitions/count-written.ts': 'a file that a check wrote, for its manifest',
  'src/contracts/partitions/digest-of-parts.ts': 'the digests of the files of a dataset, as its own',
  'src/contracts/report/page.ts': 'the style of a report, which its content policy allows by digest',
  'src/contracts/scan/source.ts': 'a file, while it is scanned',
  'src/engine/define/file-digests.ts': 'a file outside the artifact store, to see whether it is still the one recorded',
  'src/engine/define/key.ts': 'keys',
  'src/engine/define/copy-partition.ts': 'a partition of a source, while it is copied',
  'src/ml/estimators/payload.ts': 'the payload of a model, to refuse a damaged one',
  'src/ml/evaluation/split.ts': 'seed and id of a row, to put it always into the same part',
  'src/ml/lightgbm/library.ts': 'a native library, to load no other',
  'src/ml/registry/files.ts': 'the files of a model version, to refuse damaged ones',
  'src/monitor/alerts/channels/hashed-key.ts': 'the key of an alert, to fit into headers and limits of services',
  'src/monitor/alerts/channels/signature.ts': 'a request to a webhook, to sign it',
  'src/monitor/grafana/names.ts': 'a long uid in Grafana, to shorten it',
  'src/monitor/grafana/scram.ts': 'a password, as PostgreSQL stores it',
  'src/pipelines/contract-identity.ts': 'the text of a contract, which is a param',
  'src/pipelines/data-files.ts': 'a file of the data folders',
  'src/pipelines/places/bucket-places.ts': 'an object of the data folders, while it is read',
  'src/pipelines/feed/feed.ts': 'a seed, to draw from',
  'src/pipelines/ingest/arrivals.ts': 'a file that arrived, and a seed, to draw from',
  'src/pipelines/predict/ledger.ts': 'name and digest of a file, to fit into a header',
  'src/pipelines/predict/tasks.ts': 'a seed, to draw from',
  'src/server/plugins/entity-tags.ts': 'an answer, to know whether it has changed',
  'src/server/predictions/predict-and-store.ts': 'the body of a request, to know a repeated one',
  'src/store/artifacts/digest.ts': 'blobs',
  'src/store/artifacts/memory.ts': 'blobs',
  'src/store/postgres/migrate.ts': 'a migration, to notice that it was changed',
  'src/store/process-identity.ts': 'what tells a process from a later one with its number',
};

/** Regular expressions whose time may grow faster than the text, and why none has to wait for them. */
export const MAY_BACKTRACK: Readonly<Record<string, string>> = {
  'src/api/list-query.ts /=+$/': 'reads an example of our own',
  'src/app/cli/commands/init/write-project.ts /-+$/': 'reads a name that was cut to its length',
  "src/contracts/format/date-pattern.ts /'(?:[^']|'')*'|\\[|\\]|([A-Za-z])\\1*|[^A-Za-z'[\\]]+|'/":
    'reads how a contract says that dates are written',
  'src/monitor/alerts/channels/signature.ts /=+$/': 'reads a secret of the settings',
  'src/store/count-text.ts /\\B(?=(?:\\d{3})+$)/': 'reads the digits of a number',
  'src/store/postgres/copy-to-csv.ts /;+$/': 'reads SQL of a project',
  'src/store/postgres/storable-text.ts /(?<!\\\\)(?:\\\\\\\\)*\\\\u(?:0000|d[89a-f])/':
    'begins at the first backslash of a run alone, by what it looks behind for',
  'src/web/pages/alerts/new-rule.ts /-+$/': 'reads a name that was cut to its length',
};

/** Files that build a regular expression from text, and of what. */
export const MAY_BUILD_EXPRESSIONS: Readonly<Record<string, string>> = {
  'src/app/project/slim-library.ts': 'the address of the library',
  'src/contracts/interchange/type-options.ts': 'parts of its own, one after another',
  'src/contracts/kinds/kinds.ts': 'the forms of kinds, each of which a test measures',
  'src/monitor/grafana/readable.ts': 'a word of its own',
  'src/server/plugins/bodies-in-flight.ts': 'a media type of its own',
  'src/server/plugins/unrouted.ts': 'the segments of a route',
  'src/store/postgres/copy-in.ts': 'a class of its own',
  'src/store/postgres/storable-text.ts': 'a class of its own, for all of its occurrences',
};

/** Files that turn data into text and touch nothing. */
export const COMPILERS: readonly string[] = ['src/contracts/check/compile.ts'];
