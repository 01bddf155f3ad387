import { isS3Address } from '#store';
import { type BucketFolder, bucketPlaces } from './bucket-places.ts';
import type { DataPlaces } from './data-places.ts';
import { localPlaces } from './local-places.ts';

/** Data folders of which some are in buckets; `scratch` is a local folder for files on their way there. */
export function placesOver(folders: readonly BucketFolder[], scratch: string): DataPlaces {
  const remote = bucketPlaces(folders, scratch);
  const at = (address: string): DataPlaces => (isS3Address(address) ? remote : localPlaces);
  return {
    names: (folder) => at(folder).names(folder),
    look: (folder) => at(folder).look(folder),
    lookAt: (file) => at(file).lookAt(file),
    read: (file, options) => at(file).read(file, options),
    open: (file) => at(file).open(file),
    receive: (file) => at(file.folder).receive(file),
    place: (placement, file) => at(placement.to).place(placement, file),
    makeRoom: async (places, wanted) => {
      await remote.makeRoom(places.filter(isS3Address), wanted);
      const local = places.filter((place) => !isS3Address(place));
      await localPlaces.makeRoom(local, wanted);
    },
    remove: (folder, ingested) => at(folder).remove(folder, ingested),
  };
}
