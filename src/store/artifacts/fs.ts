import type { ArtifactDriver } from './driver.ts';

export async function fsArtifacts(_options: { readonly folder: string }): Promise<ArtifactDriver> {
  throw new Error('not yet');
}
