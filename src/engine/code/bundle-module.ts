import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { EngineError } from '../define/errors.ts';
import { esbuildPackage } from './esbuild-package.ts';
import { maybeScriptLoader, withOwnAddress } from './own-address.ts';
import { createPlacing, placeImports, REQUIRE, RESOLUTION, TEXT_LOADERS } from './place-imports.ts';

export interface ModuleOptions {
  readonly entry: string;
  readonly folder: string;
  readonly weirUrl?: string;
}

/** A module, and the files of the project that are in it. */
export interface ModuleBundle {
  readonly code: Uint8Array;
  readonly files: readonly string[];
}

/**
 * Bundles a file and the project files it imports into one module, to be placed in `folder`; installed packages stay
 * outside.
 */
export async function bundleModule(options: ModuleOptions): Promise<ModuleBundle> {
  const { entry, weirUrl } = options;
  const [root, folder] = await Promise.all([realpath(path.dirname(entry)), realpath(options.folder)]);
  const { build } = esbuildPackage();
  const { outputFiles, metafile } = await build({
    entryPoints: [path.resolve(entry)],
    absWorkingDir: root,
    outdir: folder,
    plugins: [ownAddresses, placeImports(createPlacing({ root, folder, weirUrl }))],
    loader: TEXT_LOADERS,
    banner: { js: REQUIRE },
    ...RESOLUTION,
    ...{
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
    },
  });
  const [output] = outputFiles;
  if (output === undefined) throw new EngineError('code_invalid', `No bundle was made of ${entry}.`);
  // Inputs with a name before a colon are no files.
  const inputs = Object.keys(metafile.inputs).filter((input) => !/^[a-z-]{2,}:/.test(input));
  return { code: output.contents, files: inputs.map((input) => path.resolve(root, input.split('?', 1).join())) };
}

const ownAddresses: Plugin = {
  name: 'weir-own-addresses',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path: file }) => {
      const loader = maybeScriptLoader(file);
      const source = { file, text: await readFile(file, 'utf8') };
      const contents = await withOwnAddress(source, JSON.stringify(pathToFileURL(file).href));
      return { contents, ...(loader && { loader }) };
    });
  },
};
