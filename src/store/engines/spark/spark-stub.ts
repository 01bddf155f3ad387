import type { ClientReadableStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { readAuthorities } from '../../read-authorities.ts';
import { SPARK_CONNECT } from './protocol.ts';
import type { SparkAddress } from './spark-address.ts';
import type { SparkPackages } from './spark-packages.ts';

export interface StubOptions {
  readonly address: SparkAddress;
  /** Certificates of authorities in PEM, beside which no other is trusted; empty for those that Node trusts. */
  readonly caFile?: string;
}

type Method = 'AnalyzePlan' | 'Config' | 'Interrupt' | 'ReleaseExecute' | 'ReleaseSession';
type StreamMethod = 'ExecutePlan' | 'ReattachExecute';
type Request = Readonly<Record<string, unknown>>;
type Answer<T> = (error: ServiceError | null, answer: T) => void;
type Unary = (request: Request, metadata: Metadata, options: { deadline: number }, done: Answer<unknown>) => void;
type Streaming = (request: Request, metadata: Metadata) => ClientReadableStream<unknown>;
type Client = Readonly<Record<Method, Unary> & Record<StreamMethod, Streaming>> & { close(): void };

const AUTHORITIES = { of: 'Spark', setting: 'engines.spark.caFile', code: 'engine_unusable' } as const;
/** An answer holds rows; those of a single one are few, but a cell may be long. */
const MESSAGE_BYTES_MAX = 128 << 20;
/** Nothing came for so long: the server is asked whether it is still there. */
const KEEPALIVE_MS = 60_000;
const KEEPALIVE_ANSWER_MS = 20_000;
/** Analysing a plan of a thousand columns takes seconds on a busy server. */
const CALL_MS = 120_000;

/** The calls of a server, each with the token and the headers of the address. */
export class SparkStub {
  readonly #client: Client;
  readonly #metadata: Metadata;

  private constructor(client: Client, metadata: Metadata) {
    this.#client = client;
    this.#metadata = metadata;
  }

  static async open({ grpc, loader }: SparkPackages, { address, caFile = '' }: StubOptions): Promise<SparkStub> {
    const { target, isSecure, token, headers } = address;
    // Its types have a name for each kind of what may be nested, which a literal has not.
    const definition = loader.fromJSON(SPARK_CONNECT as unknown as Parameters<typeof loader.fromJSON>[0], {
      keepCase: true,
      longs: Number,
      enums: String,
      oneofs: true,
    });
    // The loaded package has the shape that the protocol describes.
    const { spark } = grpc.loadPackageDefinition(definition) as unknown as {
      spark: { connect: { SparkConnectService: new (...given: unknown[]) => Client } };
    };
    const credentials = isSecure
      ? grpc.credentials.createSsl(caFile === '' ? null : await readAuthorities(caFile, AUTHORITIES))
      : grpc.credentials.createInsecure();
    const client = new spark.connect.SparkConnectService(target, credentials, {
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
      'grpc.enable_retries': 0,
    });
    const metadata = new grpc.Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    if (token !== '') metadata.set('authorization', `Bearer ${token}`);
    return new SparkStub(client, metadata);
  }

  ask<T>(method: Method, request: Request): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer: unknown): void =>
        // The protocol describes the answer of each method.
        error === null ? resolve(answer as T) : reject(error);
      this.#client[method](request, this.#metadata, { deadline: Date.now() + CALL_MS }, done);
    });
  }

  listen(method: StreamMethod, request: Request): ClientReadableStream<unknown> {
    return this.#client[method](request, this.#metadata);
  }

  close(): void {
    this.#client.close();
  }
}
