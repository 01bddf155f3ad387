import { StoreError } from '../../errors.ts';

/** What speaks gRPC and reads Arrow, installed only where Spark is used, and loaded with the first session. */
export interface SparkPackages {
  readonly grpc: typeof import('@grpc/grpc-js');
  readonly loader: typeof import('@grpc/proto-loader');
  readonly arrow: typeof import('@uwdata/flechette');
}

const INSTALL = 'npm install @grpc/grpc-js@1.14.7 @grpc/proto-loader@0.8.1 @uwdata/flechette@2.6.0';

export async function loadSparkPackages(): Promise<SparkPackages> {
  try {
    const [grpc, loader, arrow] = await Promise.all([
      import('@grpc/grpc-js'),
      import('@grpc/proto-loader'),
      import('@uwdata/flechette'),
    ]);
    return { grpc, loader, arrow };
  } catch (cause) {
    throw new StoreError('engine_unusable', `Spark needs packages that are not installed: ${INSTALL}`, { cause });
  }
}
