import path from 'node:path';
import { lightgbmBuild, lightgbmFile, type NativeLibrary } from '#ml';
import type { Config } from './config.ts';
import type { ProjectPaths } from './paths.ts';

/** The library of LightGBM that the settings name, or the one that was fetched, with the digest that it must have. */
export function lightgbmLibrary({
  config,
  paths,
}: {
  readonly config: Pick<Config, 'native'>;
  readonly paths: Pick<ProjectPaths, 'project' | 'native'>;
}): NativeLibrary {
  const { library, sha256 } = config.native.lightgbm;
  return {
    file: library === '' ? lightgbmFile(paths.native) : path.resolve(paths.project, library),
    sha256: sha256 === '' ? lightgbmBuild().sha256 : sha256,
  };
}
