import path from 'node:path';
import { type ArtifactDriver, fsArtifacts, type S3Settings, s3Artifacts } from '#store';
import type { Config } from '../project/config.ts';
import type { ProjectPaths } from '../project/paths.ts';

const BYTES_PER_MB = 1_000_000;

/** The artifacts of a project: a folder, or a bucket with local copies of what programs need as files. */
export async function openArtifacts(config: Config, paths: ProjectPaths): Promise<ArtifactDriver> {
  const { artifacts: address, s3 } = config;
  if (address === '') return fsArtifacts({ folder: paths.artifacts });
  return s3Artifacts({
    ...{ address, settings: bucketSettingsOf(config, paths) },
    cache: { folder: paths.bucketCache, sizeBytesMax: s3.cacheMb * BYTES_PER_MB },
  });
}

function bucketSettingsOf({ s3: { cacheMb: _, ...s3 } }: Config, paths: ProjectPaths): S3Settings {
  return {
    ...s3,
    pathStyle: s3.pathStyle ?? s3.endpoint !== '',
    caFile: s3.caFile === '' ? '' : path.resolve(paths.project, s3.caFile),
  };
}
