import path from 'node:path';
import { type BucketFolder, type DataPlaces, localPlaces, placesOver } from '#pipelines';
import {
  type ArtifactDriver,
  fsArtifacts,
  isS3Address,
  openBucket,
  type S3Settings,
  s3Artifacts,
  toS3Address,
} from '#store';
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

/** What reads and writes data folders, of which some may be in buckets. */
export async function openPlaces(config: Config, paths: ProjectPaths): Promise<DataPlaces> {
  const addresses = new Set(Object.values(paths.data).filter(isS3Address));
  if (addresses.size === 0) return localPlaces;
  const folders: BucketFolder[] = [];
  for (const address of addresses)
    folders.push({ address, bucket: await openBucket(toS3Address(address), bucketSettingsOf(config, paths)) });
  return placesOver(folders, path.join(paths.bucketCache, 'receiving'));
}

function bucketSettingsOf({ s3: { cacheMb: _, ...s3 } }: Config, paths: ProjectPaths): S3Settings {
  return {
    ...s3,
    pathStyle: s3.pathStyle ?? s3.endpoint !== '',
    caFile: s3.caFile === '' ? '' : path.resolve(paths.project, s3.caFile),
  };
}
