import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { IdentityProvider, Logins, ProcessKey } from '#access';
import {
  type AlertChannel,
  type CheckedPart,
  EXPLAINED_ROWS_MAX,
  PREDICTION_ROWS_MAX,
  type PredictionJob,
  type PredictionJobsQuery,
  type ReceivedFile,
  type WaitingFile,
} from '#api';
import type { Contract, StoredCheck } from '#contracts';
import type { Engine, Pipeline, Schedule } from '#engine';
import type { AlertRule, Channel, Dashboard, RequestCounts } from '#monitor';
import type { ArtifactDriver, Database, DuckdbPool } from '#store';
import type { OutputSources } from './outputs/describe-outputs.ts';
import type { Predictor } from './predictions/predictor.ts';

/** The dependencies of the server; all are built elsewhere. */
export interface ServerOptions {
  readonly database: Database;
  /** Where check reports and outputs of task runs are stored. */
  readonly artifacts: ArtifactDriver;
  /** Reads Parquet files for previews of outputs; without it they have none. */
  readonly duckdb?: DuckdbPool;
  /** What the project says of the outputs of its tasks; nothing unless set. */
  readonly factsOf?: OutputSources['factsOf'];
  readonly engine: Pick<Engine, 'start' | 'retry' | 'cancel' | 'nextRuns'>;
  /** Absent in a project without a model. */
  readonly contract?: Contract;
  readonly project: ServerProject;
  /** Predicts with the champion of the model named like the project, unless another version is given. */
  readonly predictor?: Predictor;
  /** The files of raw-data. Absent in a project without a model. */
  readonly files?: ServerFiles;
  /** Files that are predicted by a run. Absent in a project without a model. */
  readonly jobs?: ServerJobs;
  /** Free space where Weir keeps its state; not checked unless set. */
  readonly disk?: ServerDisk;
  /** Reads what only the process around the server knows, for metrics; each is absent unless set. */
  readonly measures?: ServerMeasures;
  readonly dashboards: readonly Dashboard[];
  /** The alert rules of contract, schedules and settings; none unless set. */
  readonly alertRules?: readonly AlertRule[];
  /** The channels of alerts, for their states and test messages; none unless set. */
  readonly alertChannels?: readonly (Channel & Pick<AlertChannel, 'kind'>)[];
  /** Counts answered requests for the dashboards; nothing is counted unless set. */
  readonly requestCounts?: Pick<RequestCounts, 'count'>;
  /** Loads a changed project; absent where the server is not of a project. */
  readonly reload?: ServerReload;
  /** The built web app; without it only the API is served. */
  readonly webFolder?: string;
  /** Who may use the server; without it everyone who reaches it may do everything, so it listens on loopback only. */
  readonly access?: ServerAccess;
  /** By which names and proxies it is reached, beside the address that it listens on. */
  readonly reach?: ServerReach;
  readonly logger: Logger;
  readonly limits?: Partial<Limits>;
}

/** How the server finds out who sends a request. */
export interface ServerAccess {
  /** Whether a request needs a login or an API key. */
  readonly isLoginRequired: boolean;
  /** Keys of this process, beside those of the database. */
  readonly processKeys?: readonly ProcessKey[];
  /** Passwords and sessions; those of the defaults unless set. */
  readonly logins?: Logins;
  /** Where people log in who have no password here; nobody does unless set. */
  readonly provider?: { readonly title: string; readonly client: IdentityProvider };
}

/** How others reach the server. */
export interface ServerReach {
  /** The address that people use, such as that of a reverse proxy: its host and origin are accepted. */
  readonly url?: string;
  /** Further names that a Host header may give, in lower case, with a port or with any. */
  readonly hosts?: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded-* headers are believed; none unless set. */
  readonly trustProxy?: readonly string[];
  /** Certificate and key in PEM, to serve https. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Which project the server runs, and whether the one on disk is another. */
export interface LoadedState {
  readonly loadedAt: Date;
  /** Whether changes are noticed; else they are loaded on request. */
  readonly isWatching: boolean;
  /** Why the project on disk is not the one that runs; null when it is, or is about to be. */
  readonly problem: { readonly message: string; readonly at: Date } | null;
}

/** Loads the project on disk, when it has changed. */
export interface ServerReload {
  state(): LoadedState;
  /** Resolves when the project has been looked at, with what came of it. */
  reload(): Promise<LoadedState>;
}

/** Measures of the process around the server. */
export interface ServerMeasures {
  readonly slots?: () => ReturnType<Engine['slots']>;
  readonly filesWaiting?: () => Promise<number>;
  /** As last measured; undefined before the first time. */
  readonly artifactBytes?: () => number | undefined;
}

/** The disk of the state folder, and how much of it must be free for the server to be ready. */
export interface ServerDisk {
  readonly freeBytes: () => Promise<number>;
  readonly freeMinMb: number;
}

/** Takes files into raw-data, lists them, and finds what became of those that were checked. */
export interface ServerFiles {
  receive(name: string, content: AsyncIterable<Uint8Array>): Promise<ReceivedFile>;
  list(): Promise<{
    readonly files: readonly (Omit<WaitingFile, 'changedAt'> & { readonly changedAt: Date })[];
    readonly count: number;
  }>;
  /** The file in good-data that a request of the scheduled predictions was made for, where it is on record. */
  ofRequest?(request: {
    readonly request: string;
    readonly at: Date;
  }): Promise<{ readonly file: string; readonly runId: string } | undefined>;
  /** What became of a checked file. */
  ofCheck(check: Pick<StoredCheck, 'id' | 'file' | 'verdict' | 'rows'>): Promise<{
    readonly runId: string | null;
    /**
     * `path` is for people, relative to the project; `file` is absolute, or an address in a bucket; another `identity` is
     * other content.
     */
    readonly parts: readonly (Omit<CheckedPart, 'url'> & { readonly file: string; readonly identity: string })[];
  }>;
  /** The content of a file of these parts. */
  open(file: string): Promise<Readable>;
}

/** Takes files to predict, and finds what came of them. */
export interface ServerJobs {
  /** Creates a job when the whole file has come; gives its id. */
  create(job: {
    readonly name: string;
    readonly content: AsyncIterable<Uint8Array>;
    readonly version: number;
    readonly isStored: boolean;
    readonly by: string | null;
  }): Promise<string>;
  list(
    page: PredictionJobsQuery,
  ): Promise<{ readonly items: readonly ServerJob[]; readonly nextCursor: string | null }>;
  find(id: string): Promise<ServerJob | undefined>;
}

/** A prediction job with the state of its run. */
export interface ServerJob
  extends Pick<
    PredictionJob,
    'id' | 'file' | 'sizeBytes' | 'format' | 'state' | 'runId' | 'isStored' | 'by' | 'summary' | 'coerced'
  > {
  readonly reason: string | null;
  readonly model: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly rowsIn: number | null;
  readonly rowsPredicted: number;
  readonly rowsRefused: number;
  /** Digests by format, of CSV and NDJSON compressed with gzip; null while there are none. */
  readonly results: Readonly<Record<PredictionJob['format'], string>> | null;
}

export interface ServerProject {
  /** Also the name of the model. */
  readonly name: string;
  readonly title: string;
  readonly environment: string;
  readonly version: string;
  /** File with the password of the database, relative to the project; absent when its address is of the settings. */
  readonly passwordFile?: string;
  readonly pipelines: readonly Pick<Pipeline, 'name' | 'description' | 'params'>[];
  readonly schedules: readonly Schedule[];
}

/** The limits of the server, by name. */
export interface Limits {
  readonly bodyBytes: number;
  /** Bodies of all requests in progress together, but for those that are passed on as they come. */
  readonly bodyBytesAtOnce: number;
  /** Objects and lists within each other in a body. */
  readonly bodyDepth: number;
  /** Requests of a user or a key, and refusals of an address for want of a login; 0 for no limit. */
  readonly requestsPerMinute: number;
  readonly refusalsPerMinute: number;
  /** Connections open at once; further ones are closed. */
  readonly connections: number;
  /** How long a connection with a request may pass without a byte in either direction. */
  readonly stallMs: number;
  /** Size of a file that is uploaded. */
  readonly uploadBytes: number;
  readonly predictionRows: number;
  /** Rows of all requests in progress together. */
  readonly predictionRowsAtOnce: number;
  /** Rows of one request that are explained. */
  readonly explainedRows: number;
  /** Streams of rows that are open at once. */
  readonly predictionStreams: number;
  /** Length of a line of a stream, and how long one may neither send nor take a line. */
  readonly streamLineBytes: number;
  readonly streamIdleMs: number;
  /** Exports of past predictions at once, and how long one may take: it keeps old rows of the database from being removed. */
  readonly exports: number;
  readonly exportMs: number;
  /** Problems listed in one response; the message counts all. */
  readonly problemsListed: number;
  /** Streams of events open at once: of all clients together, and of one user, key or address. */
  readonly eventClients: number;
  readonly eventClientsOfOne: number;
  /** How long a stream of events lasts; its client connects again by itself. */
  readonly eventStreamMs: number;
  /** Time to receive a request, and time to answer it. */
  readonly receiveMs: number;
  readonly answerMs: number;
  /** Time that requests in progress have when the server closes. */
  readonly closeGraceMs: number;
  readonly heartbeatMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 16 * 1024 * 1024,
  bodyBytesAtOnce: 256 * 1024 * 1024,
  bodyDepth: 64,
  requestsPerMinute: 60_000,
  refusalsPerMinute: 120,
  connections: 2_000,
  // Longer than an answer may take to begin.
  stallMs: 65_000,
  uploadBytes: 1024 * 1024 * 1024,
  predictionRows: PREDICTION_ROWS_MAX,
  predictionRowsAtOnce: 200_000,
  explainedRows: EXPLAINED_ROWS_MAX,
  predictionStreams: 16,
  streamLineBytes: 1024 * 1024,
  streamIdleMs: 60_000,
  exports: 2,
  exportMs: 15 * 60_000,
  problemsListed: 100,
  eventClients: 200,
  eventClientsOfOne: 40,
  eventStreamMs: 30 * 60_000,
  receiveMs: 30_000,
  answerMs: 60_000,
  closeGraceMs: 5_000,
  heartbeatMs: 15_000,
};
