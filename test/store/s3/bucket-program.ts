// bucket-program <settings> <address> <key> <bytes> <kill at the n-th read | end | never>
// Creates one object, and kills itself when its n-th part is read, or before the parts become an object.
import { openBucket } from '../../../src/store/s3/bucket.ts';
import { toS3Address } from '../../../src/store/s3/s3-address.ts';

const [settings = '', address = '', key = '', bytes = '', killAt = ''] = process.argv.slice(2);
const sizeBytes = Number(bytes);

async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

let reads = 0;
const bucket = await openBucket(toS3Address(address), JSON.parse(settings));
const isFirst = await bucket.create(key, {
  sizeBytes,
  read: async (from, to) => (String(++reads) === killAt ? die() : Buffer.alloc(to - from, key)),
  assertUnchanged: async () => (killAt === 'end' ? die() : undefined),
});
process.stdout.write(isFirst ? 'created' : 'exists');
