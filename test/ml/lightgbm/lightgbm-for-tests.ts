import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FitTools, lightgbmBuild } from '#ml';

/** The package of Python that holds the library, where `.ci/run` installs it. */
const folder = fileURLToPath(new URL('../../../node_modules/.cache/lightgbm', import.meta.url));

/** The library, and the digest that it must have. */
export const lightgbmForTests = () => ({
  file: path.join(folder, lightgbmBuild().file),
  sha256: lightgbmBuild().sha256,
});

/** Whether the library is there, which it must be in CI. Says so when its tests are skipped. */
export function hasLightgbm(): boolean {
  if (existsSync(lightgbmForTests().file)) return true;
  // Parts of a training would wait for each other.
  if (process.env.CI !== undefined)
    throw new Error(`Expected the library of LightGBM at ${lightgbmForTests().file}; there is none. See .ci/run.`);
  process.stderr.write(
    'The tests that train with LightGBM are skipped: install it into node_modules/.cache/lightgbm, as .ci/run does.\n',
  );
  return false;
}

/** What a training is given, with a new folder. */
export function toolsForTests(tools: Partial<FitTools> = {}): FitTools {
  const parent = path.join(tmpdir(), `weir-lightgbm-${process.pid}`);
  mkdirSync(parent, { recursive: true });
  return { folder: mkdtempSync(path.join(parent, 'fit-')), lightgbm: lightgbmForTests, ...tools };
}
