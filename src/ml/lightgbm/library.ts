import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '#store';
import { MlError } from '../errors.ts';

/** The release whose library is loaded, with its file in the package of each platform. */
export const LIGHTGBM_VERSION = '4.7.0';

interface Build {
  /** The library within the wheel. */
  readonly file: string;
  readonly sha256: string;
  /** SHA-256 of the wheel. */
  readonly wheel: string;
}

const BUILDS: Readonly<Record<string, Build>> = {
  'linux-x64': {
    file: 'lightgbm/lib/lib_lightgbm.so',
    sha256: '573d57e8a2c6290c2271b99b87afa7a802e796eafc9e8d66aefa0913cbc1616a',
    wheel: 'd23e922acd891e77212e4d0fbcee9ba973c96dee479491341d05ba595357ebb7',
  },
  'linux-arm64': {
    file: 'lightgbm/lib/lib_lightgbm.so',
    sha256: '05ec49bad350009b9debd36769ef1cced2132cd93abfe3fe0b8aa116c4388052',
    wheel: 'd4529acec5c6fefe4768302a529707d0ead90f6a6f42df694b856212e09695b8',
  },
  'darwin-x64': {
    file: 'lightgbm/lib/lib_lightgbm.dylib',
    sha256: 'a1ed021c00bffbc3fdf8e18944a9ae89b26bf299d81976a35680fec3e1bb7ac5',
    wheel: 'dfc1cfe8e760387be1e7ba7a214688be21fdff96e4ed9749188f83e1877c2477',
  },
  'darwin-arm64': {
    file: 'lightgbm/lib/lib_lightgbm.dylib',
    sha256: 'bc392db609d97730a9ed2acec7a56529b356c03dfad39bebf689523fed7dff18',
    wheel: '129535462686f274df179133643118c5c5c5667167fe6c3a28d955f0b3c8e868',
  },
  'win32-x64': {
    file: 'lightgbm/bin/lib_lightgbm.dll',
    sha256: '7e366d2e49cd061aac3ab21676b2f99b0c7a758dc3e888d4b23812af1b7d301c',
    wheel: 'f42d1e5b32b6f170e606d7c689c6165671da98d7bf37f1addec2623efc8740c9',
  },
};

/** The command that fetches the library, as errors name it. */
export const ADD_LIGHTGBM = 'weir native add lightgbm';

/** The build for this platform; an error where LightGBM publishes none. */
export function lightgbmBuild(): Build {
  const platform = `${process.platform}-${process.arch}`;
  const build = BUILDS[platform];
  if (build !== undefined) return build;
  throw new MlError(
    'library_missing',
    `LightGBM ${LIGHTGBM_VERSION} is published for ${Object.keys(BUILDS).join(', ')}, and this is ${platform}. Build its library here, and name it as native.lightgbm.library with its digest as native.lightgbm.sha256.`,
  );
}

/** Where `weir native add lightgbm` puts the library, in the folder for native libraries. */
export const lightgbmFile = (nativeFolder: string): string =>
  path.join(nativeFolder, `lightgbm-${LIGHTGBM_VERSION}`, path.basename(lightgbmBuild().file));

/** The library to load, and what its bytes must be. */
export interface NativeLibrary {
  readonly file: string;
  readonly sha256: string;
}

/** Refuses a library that is missing, or whose bytes are not those that were expected: loading it would run them. */
export async function assertLibrary({ file, sha256 }: NativeLibrary): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENOENT')) throw cause;
    throw new MlError(
      'library_missing',
      `The library of LightGBM ${LIGHTGBM_VERSION} is not at ${file}. Fetch it: ${ADD_LIGHTGBM}`,
      { cause },
    );
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return;
  throw new MlError(
    'library_missing',
    `The library at ${file} has the digest ${found}; expected ${sha256}. It was not loaded. Fetch it again: ${ADD_LIGHTGBM}`,
  );
}
