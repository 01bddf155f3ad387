import { createClient } from '../../src/api/client/index.ts';
import { parcel } from '../server/parcels.ts';

// A client in a process of its own, whose memory the test bounds: `stream-rows.ts <url> <rows>` prints what it counted.
const [url = '', count = '0'] = process.argv.slice(2);
const counted = { taken: 0, predicted: 0, refused: 0, inOrder: true };

function* rows() {
  for (; counted.taken < Number(count); counted.taken += 1)
    // Every tenth row breaks the contract.
    yield { ...parcel, weight: counted.taken % 10 === 9 ? 99 : (counted.taken % 400) / 10 };
}

for await (const answer of createClient({ url }).predictStream(rows(), { query: { store: 'false' } })) {
  if (answer.line !== counted.predicted + counted.refused + 1) counted.inOrder = false;
  if ('problem' in answer) counted.refused += 1;
  else counted.predicted += 1;
}
process.stdout.write(JSON.stringify(counted));
