import { z } from 'zod';
import { isS3Address, isValidS3Address } from '#store';
import { accessSettings } from './access-settings.ts';
import { alertSettings } from './alert-settings.ts';
import { bucketSettings } from './bucket-settings.ts';
import { isDatabaseUrl } from './database-url.ts';
import { driftSettings } from './drift-settings.ts';
import { engineSettings } from './engine-settings.ts';
import { remoteSettings } from './remote-settings.ts';
import { COMPUTING, serverSettings } from './server-settings.ts';
import { lineageSettings, tracingSettings } from './telemetry-settings.ts';

/** Commands that also read schedules, those that open DuckDB, and those that run Weir's own pipelines. */
const SCHEDULING = ['serve', 'backfill', 'pause', 'resume'];
const READING_FILES = ['serve', 'run', 'backfill', 'verify', 'check', 'profile', 'corrupt'];
const OWN_PIPELINES = ['serve', 'run'];

/** What is said of a setting; `docs/settings.md` and `weir settings` print it. */
declare module 'zod' {
  interface GlobalMeta {
    /** Of a number: `MB`, `days`. */
    unit?: string;
    /** The commands that read it, and what is below it, when it is not every command over a project. */
    readBy?: readonly string[];
    /** Of a mapping whose keys people choose: what a key is. */
    keyName?: string;
  }
}

const cron = z
  .string()
  .min(1)
  .max(100)
  .meta({
    description: 'Five or six cron fields, or `off`.',
    examples: ['0 6 * * 1-5'],
  });

const TICKS_MAX = 10_000;
const LOG_MB_MAX = 1_000;
const LOG_FILES_MAX = 100;
const POOL_SIZE_MAX = 1_000;
const PARTS_MAX = 1_000;
const ticks = z.int().min(1).max(TICKS_MAX).meta({
  description: 'How many missed ticks get a run: the newest ones, oldest of them first.',
});
/** Cron fields alone, or with what is to happen to ticks that were missed or that find a run in progress. */
const schedule = z.union([
  cron,
  z.strictObject({
    cron,
    timeZone: z
      .string()
      .optional()
      .meta({
        description: 'Time zone of this schedule, as a name of the IANA database; that of all schedules unless set.',
        examples: ['Europe/Madrid'],
      }),
    catchUp: z
      .union([z.enum(['none', 'latest', 'all']), z.strictObject({ atMost: ticks })])
      .optional()
      .meta({
        description:
          'Which ticks that were missed, while Weir was down or the schedule paused, get a run; `none` unless set.',
        examples: [{ atMost: 7 }],
      }),
    overlap: z.enum(['skip', 'queue', 'replace']).optional().meta({
      description:
        'What a tick does that finds a run of the pipeline in progress: nothing, wait, or cancel that run; `skip` unless set.',
    }),
  }),
]);

/** A folder of the project, or a place in a bucket. */
const dataFolder = z
  .string()
  .refine((text) => !isS3Address(text) || isValidS3Address(text), 'expected a folder, or s3://<bucket>/<prefix>');

/** The schedule of a pipeline of Weir's own. */
const scheduleOf = (pipeline: string, byDefault: string) =>
  schedule.default(byDefault).meta({
    description: `When the pipeline ${pipeline} runs.`,
  });

/** Empty, or the address of a PostgreSQL, whose password must not reach into what is taken for its host or database. */
const databaseUrl = z
  .string()
  .default('')
  .refine(
    isDatabaseUrl,
    'expected postgres://<user>:<password>@<host>:<port>/<database>, with each of @ : / ? # % in user and password percent-encoded (@ is %40)',
  );

const connection = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('postgres').meta({ description: 'What kind of database it is.' }),
    url: databaseUrl.meta({
      description: 'Address of the database; empty for the one that keeps the state of Weir.',
      examples: ['postgres://shop@db.example.com:5432/shop'],
    }),
  }),
]);

const limits = z.strictObject({
  goals: z.int().min(1).default(1_000_000).meta({
    description: 'How many goals a run may have.',
  }),
  plannedDepth: z.int().min(1).default(100_000).meta({
    description: 'How long a chain of inputs may be when the run is planned.',
  }),
  foundDepth: z.int().min(1).default(10_000).meta({
    description: 'How long a chain of goals may be that tasks find while they run, against recursion without end.',
  }),
});

const engine = z.strictObject({
  executor: z.enum(['process', 'inline', 'remote']).default('process').meta({
    description:
      'Where tasks run: in child processes, in the process of Weir itself, which a crash of a task then ends, or in `weir worker` processes on any number of machines.',
  }),
  remote: remoteSettings.prefault({}).meta({
    description: 'How task runs reach workers, with the executor `remote`.',
  }),
  strict: z.enum(['off', 'report', 'fail']).default('off').meta({
    description:
      'What happens when a task reads the clock, the environment, the network or files that are not among its inputs: nothing, a line in its log, or a failure. Needs the executor `process`, or a worker.',
  }),
  slots: z.int().min(1).max(64).default(3).meta({
    description: 'How many task runs may run at the same time in this process and its children, a worker too.',
  }),
  environment: z
    .array(z.string().regex(/^\w+\*?$/))
    .default([])
    .meta({
      description: 'Environment variables that processes of tasks get beside the usual ones; a name may end with `*`.',
      examples: [['API_TOKEN', 'AWS_*']],
    }),
  pools: z
    .record(
      z.string().min(1),
      z
        .int()
        .min(1)
        .meta({
          description:
            'Units of the pool: how much of it may be in use at the same time, over all processes on the database.',
          examples: [2],
        }),
    )
    .default({})
    .meta({ description: 'Pools that tasks name with `pool`.', keyName: 'pool' }),
  limits: limits.prefault({}).meta({ description: 'How large a run may become.' }),
});

/** How long things are kept. */
const cleanup = z.strictObject({
  runDays: z.number().min(0).default(90).meta({
    description:
      'How long a run is kept after its end; 0 for ever. The last run of each pipeline and pinned runs stay.',
    unit: 'days',
  }),
  predictionDays: z.number().min(0).default(365).meta({
    description:
      'How long a prediction and a window judged for drift are kept; 0 for ever. Predictions are removed a partition at a time: the oldest stay a thirtieth of that time longer, at least a day.',
    unit: 'days',
  }),
  checkDays: z.number().min(0).default(365).meta({
    description:
      'How long the record of a checked file is kept, with its problems and its report; 0 for ever. The good and the bad rows stay where they are.',
    unit: 'days',
  }),
  alertDays: z.number().min(0).default(365).meta({
    description: 'How long an alert is kept with its deliveries; 0 for ever. Alerts of a rule that still fires stay.',
    unit: 'days',
  }),
  auditDays: z.number().min(0).default(730).meta({
    description: 'How long the audit log keeps a change; 0 for ever.',
    unit: 'days',
  }),
  unusedDays: z.number().min(0).default(90).meta({
    description: 'How long a result is kept after a run last computed or used it; 0 for ever.',
    unit: 'days',
  }),
  supersededDays: z.number().gt(0).default(30).meta({
    description: 'How long a result is kept that a newer one of the same goal has replaced.',
    unit: 'days',
  }),
  graceHours: z.number().min(1).default(24).meta({
    description: 'What was stored, or became removable, less than this long ago stays in any case.',
    unit: 'hours',
  }),
});

const training = z.strictObject({
  testShare: z.number().gt(0).lt(1).default(0.25).meta({
    description: 'Share of the rows on which a model is evaluated; it is fitted on the others.',
  }),
  seed: z.int().min(0).default(1).meta({
    description: 'Seed of what is random in training, such as the split into training and test rows.',
  }),
  parts: z.int().min(1).max(PARTS_MAX).default(1).meta({
    description:
      'Into how many parts the training rows are cut, each trained on by another task run at the same time, to one model; of estimators that can, `gradientBoosting`. All workers together need as many free slots.',
  }),
  address: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({
      description:
        'The address of this machine at which the other parts reach it, and on which alone it listens while it trains one; each machine has its own.',
      examples: ['10.0.0.12'],
    }),
  tolerance: z.number().min(0).default(0.01).meta({
    description:
      "A new version becomes champion unless its main metric is worse than the champion's by more than this.",
  }),
});

const native = z.strictObject({
  lightgbm: z
    .strictObject({
      library: z
        .string()
        .default('')
        .meta({
          description:
            'Its library, relative to the project; empty for the one that `weir native add lightgbm` fetched.',
          examples: ['/opt/lightgbm/lib_lightgbm.so'],
        }),
      sha256: z
        .string()
        .regex(/^(|[0-9a-f]{64})$/, 'expected a SHA-256 as 64 hexadecimal digits, or nothing')
        .default('')
        .meta({
          description:
            'SHA-256 of that library, which is not loaded with another; empty for that of the pinned release of LightGBM.',
          examples: ['573d57e8a2c6290c2271b99b87afa7a802e796eafc9e8d66aefa0913cbc1616a'],
        }),
    })
    .prefault({})
    .meta({ description: 'LightGBM, for `gradientBoosting`.' }),
});

const predictions = z.strictObject({
  apiUrl: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .meta({
      description:
        'Address of a Weir on another machine, with the same model versions, that makes and stores scheduled predictions; empty for this one.',
      examples: ['http://gpu.example.com:8080'],
    }),
  apiKey: z
    .string()
    .default('')
    .meta({
      description: 'API key for that Weir, of the role operator; a secret, so better a variable than a file.',
      examples: ['weir_…'],
    }),
});

const feed = z.strictObject({
  file: z
    .string()
    .default('')
    .meta({
      description:
        'A CSV file, relative to the state folder, that is replayed into `folders.raw` as if it were arriving; empty for no feed.',
      examples: ['arrivals.csv'],
    }),
  files: z.int().min(1).max(100_000).default(100).meta({
    description: 'Into how many files it is split.',
  }),
  corruptFiles: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .meta({
      description:
        'Share of the arriving files that get errors injected; unless set, 0.4 for a file of the state folder that no training reads, and 0 for any other file.',
      examples: [0.4],
    }),
  corruptRows: z.number().min(0).max(1).default(0.2).meta({
    description: 'Share of the rows of such a file that get an error.',
  }),
  labelsAfterMinutes: z.number().min(0).max(100_000).default(0).meta({
    description:
      'How long after its rows the labels of a file arrive in `folders.labels`; 0 leaves the label column in the file.',
    unit: 'minutes',
  }),
  backlogMax: z.int().min(1).default(20).meta({
    description: 'Nothing is fed while `folders.raw` holds this many files.',
  }),
});

/** Every setting, with its default. An unknown key is an error. */
export const configSchema = z.strictObject({
  server: serverSettings.prefault({}).meta({ description: 'Where the API and the web app are.' }),
  access: accessSettings.prefault({}).meta({ description: 'Who may use Weir.', readBy: ['serve'] }),
  log: z
    .strictObject({
      level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info').meta({
        description: 'The least severe messages that the log of the project keeps.',
      }),
      sizeMbMax: z
        .number()
        .positive()
        .max(LOG_MB_MAX)
        .default(10)
        .meta({ description: 'How large the file of the log gets before the next one begins.', unit: 'MB' }),
      filesMax: z
        .int()
        .min(2)
        .max(LOG_FILES_MAX)
        .default(5)
        .meta({ description: 'How many files the log has at most: the present one and older ones.' }),
    })
    .prefault({})
    .meta({ description: 'The log of Weir.' }),
  tracing: tracingSettings.prefault({}).meta({ description: 'Traces of OpenTelemetry.', readBy: COMPUTING }),
  lineage: lineageSettings
    .prefault({})
    .meta({ description: 'OpenLineage: what runs read and made, for other systems.', readBy: ['serve'] }),
  database: z
    .strictObject({
      url: databaseUrl.meta({
        description: 'PostgreSQL that keeps the state of Weir; empty for an embedded one in the state folder.',
        examples: ['postgres://weir@db.example.com:5432/weir'],
      }),
      poolSize: z.int().min(2).max(POOL_SIZE_MAX).default(10).meta({
        description:
          'Connections that each process opens at most, and one more to listen; docs/operations.md says how many a server needs.',
      }),
      migrate: z.enum(['start', 'deploy']).default('start').meta({
        description:
          'When the schema is brought up to date: by each process that starts, or by `weir migrate` alone, as a step of a deployment; a process that finds a migration missing refuses to start then.',
      }),
    })
    .prefault({})
    .meta({ description: 'The database of Weir.' }),
  state: z
    .strictObject({
      folder: z.string().default('.weir').meta({
        description: 'Folder of database, artifacts, code and logs, relative to the project and closed to other users.',
      }),
    })
    .prefault({})
    .meta({ description: 'The state of Weir.' }),
  artifacts: z
    .string()
    .default('')
    .refine(
      (text) => text === '' || isValidS3Address(text),
      'expected s3://<bucket>/<prefix>, or nothing for the folder "artifacts" of the state folder, where another folder can be mounted',
    )
    .meta({
      description:
        'Bucket of the artifacts, for several machines on one database; empty for a folder in the state folder.',
      examples: ['s3://weir/artifacts'],
    }),
  s3: bucketSettings
    .prefault({})
    .meta({ description: 'The server of the buckets that `artifacts` and `folders` name.' }),
  folders: z
    .strictObject({
      raw: dataFolder.default('raw-data').meta({
        description:
          'Folder in which data arrive, relative to the project, or a place in a bucket, as the others may be.',
        examples: ['s3://acme-data/raw'],
      }),
      good: dataFolder.default('good-data').meta({ description: 'Folder of the rows that passed the check.' }),
      bad: dataFolder
        .default('bad-data')
        .meta({ description: 'Folder of the rows that failed it, and of files that cannot be read.' }),
      labels: dataFolder
        .default('label-data')
        .meta({ description: 'Folder in which files of labels arrive: what really happened to rows.' }),
    })
    .prefault({})
    .meta({ description: 'Where data come in and go out.' }),
  checks: z
    .strictObject({
      showValues: z.boolean().default(true).meta({
        description:
          'Whether reports, alerts and pages show values of rows that violate an expectation; without them they give lines and numbers of rows, as for a column that is `sensitive`.',
      }),
    })
    .prefault({})
    .meta({ description: 'What checks of files record.', readBy: [...OWN_PIPELINES, 'check'] }),
  connections: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), connection)
    .default({})
    .meta({
      description: 'Databases of the project, by names in lower case; each is also a sink for rows.',
      keyName: 'name',
    }),
  engine: engine.prefault({}).meta({ description: 'How tasks run.', readBy: COMPUTING }),
  duckdb: z
    .strictObject({
      memoryLimitMb: z.int().min(64).default(1024).meta({
        description:
          'Memory for the buffers of a DuckDB process, which may take 256 MB more for the rest and is ended beyond.',
        unit: 'MB',
      }),
      threads: z.int().min(1).max(256).default(2).meta({
        description: 'How many threads a DuckDB process uses.',
      }),
      replaceAfter: z.int().min(1).max(1_000_000).default(200).meta({
        description:
          'After how many pieces of work, such as a file that is checked, a DuckDB process is replaced by a new one.',
      }),
    })
    .prefault({})
    .meta({ description: 'The database that reads files.', readBy: READING_FILES }),
  engines: engineSettings.prefault({}).meta({ description: 'Engines beside DuckDB, which `--engine` names.' }),
  schedules: z
    .object({
      timeZone: z
        .string()
        .default('UTC')
        .meta({
          description: 'Time zone of all schedules, as a name of the IANA database.',
          examples: ['Europe/Berlin'],
        }),
      ingest: scheduleOf('ingest', '* * * * *'),
      labels: scheduleOf('labels', '* * * * *'),
      predict: scheduleOf('predict', '*/2 * * * *'),
      train: scheduleOf('train', '0 3 * * *'),
      monitor: scheduleOf('monitor', '*/10 * * * *'),
      feed: scheduleOf('feed', 'off'),
      cleanup: scheduleOf('cleanup', '30 4 * * *'),
    })
    // The project's own pipelines, by name; `schedulesOf` knows which there are.
    .catchall(
      schedule.meta({
        description: 'When a pipeline of the project runs: cron fields, `off`, or a mapping of the settings below.',
        examples: ['30 2 * * *'],
      }),
    )
    .prefault({})
    .meta({ description: 'When pipelines run.', keyName: 'pipeline', readBy: SCHEDULING }),
  cleanup: cleanup
    .prefault({})
    .meta({ description: 'How long the pipeline cleanup keeps things.', readBy: OWN_PIPELINES }),
  training: training.prefault({}).meta({ description: 'How models are trained.', readBy: OWN_PIPELINES }),
  native: native.prefault({}).meta({ description: 'Native libraries that training engines load.', readBy: COMPUTING }),
  predictions: predictions
    .prefault({})
    .meta({ description: 'Who makes scheduled predictions.', readBy: OWN_PIPELINES }),
  drift: driftSettings
    .prefault({})
    .meta({ description: 'How the pipeline monitor judges drift.', readBy: OWN_PIPELINES }),
  feed: feed.prefault({}).meta({ description: 'Example data that arrive, for demonstrations.', readBy: OWN_PIPELINES }),
  alerts: alertSettings.prefault({}).meta({ description: 'Where alerts go.', readBy: [...OWN_PIPELINES, 'alerts'] }),
});

export type Config = z.infer<typeof configSchema>;

/** What surrounds the process, as `main` read it. */
export interface Environment {
  readonly [name: string]: string | undefined;
}
