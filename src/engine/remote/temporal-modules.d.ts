// What is used of the packages of Temporal, which only CI and projects that use them install.
// `test/temporal/packages.test.ts` compiles the transport against the packages themselves.

interface TemporalConnectOptions {
  readonly address: string;
  readonly tls?: true;
  readonly apiKey?: string;
}

declare module '@temporalio/client' {
  export class Connection {
    static connect(options: TemporalConnectOptions): Promise<Connection>;
    readonly workflowService: { describeNamespace(request: { readonly namespace: string }): Promise<unknown> };
    close(): Promise<void>;
  }

  export class Client {
    constructor(options: { readonly connection: Connection; readonly namespace: string });
    readonly activity: ActivityClient;
  }

  export interface ActivityClient {
    start(name: string, options: ActivityStart): Promise<ActivityHandle>;
    getHandle(id: string): ActivityHandle;
  }

  export interface ActivityHandle {
    result(): Promise<unknown>;
    describe(options?: { readonly includeInput: true }): Promise<ActivityDescription>;
    cancel(reason: string): Promise<void>;
    terminate(reason: string): Promise<void>;
  }

  interface ActivityDescription {
    readonly status: string;
    getInput<T>(): Promise<T | undefined>;
  }

  interface ActivityStart {
    readonly id: string;
    readonly taskQueue: string;
    readonly args: unknown[];
    readonly summary: string;
    readonly startToCloseTimeout: number;
    readonly heartbeatTimeout: number;
    readonly idConflictPolicy: 'USE_EXISTING';
    readonly idReusePolicy: 'ALLOW_DUPLICATE';
    readonly retry: { readonly maximumAttempts: number; readonly initialInterval: number };
    readonly priority: { readonly priorityKey: number };
  }
}

declare module '@temporalio/worker' {
  export class NativeConnection {
    static connect(options: TemporalConnectOptions): Promise<NativeConnection>;
    close(): Promise<void>;
  }

  export class DefaultLogger {
    constructor(level: 'ERROR', log: (entry: LogEntry) => void);
  }

  interface LogEntry {
    readonly message: string;
    readonly meta?: { readonly error?: unknown };
  }

  export const Runtime: { install(options: { readonly logger: DefaultLogger }): unknown };

  export class Worker {
    static create(options: WorkerOptions): Promise<Worker>;
    run(): Promise<void>;
    shutdown(): void;
  }

  interface WorkerOptions {
    readonly connection: NativeConnection;
    readonly namespace: string;
    readonly taskQueue: string;
    readonly shutdownGraceTime: string;
    readonly activities: { readonly [name: string]: (...args: never[]) => Promise<unknown> };
    readonly maxHeartbeatThrottleInterval: number;
    readonly defaultHeartbeatThrottleInterval: number;
    readonly tuner: {
      readonly workflowTaskSlotSupplier: FixedSlots;
      readonly localActivityTaskSlotSupplier: FixedSlots;
      readonly nexusTaskSlotSupplier: FixedSlots;
      readonly activityTaskSlotSupplier: CustomSlots;
    };
  }

  interface FixedSlots {
    readonly type: 'fixed-size';
    readonly numSlots: number;
  }

  interface CustomSlots {
    readonly type: 'custom';
    reserveSlot(context: unknown, signal: AbortSignal): Promise<object>;
    tryReserveSlot(context: unknown): object | null;
    markSlotUsed(context: unknown): void;
    releaseSlot(context: { readonly slotInfo?: unknown }): void;
  }
}

declare module '@temporalio/activity' {
  export const Context: { current(): ActivityContext };

  interface ActivityContext {
    heartbeat(): void;
    readonly cancellationSignal: AbortSignal;
    readonly info: { readonly attempt: number };
  }

  export class CancelledFailure extends Error {}
}
