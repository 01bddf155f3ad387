import { connect, fsArtifacts } from '#store';
import { faultPoints } from '../../kills/fault-points.ts';
import { watchWrites } from '../fixtures/watch-writes.ts';
import { catchUp } from './catch-up.ts';

// An engine that catches up with a schedule and kills itself at one fault point.
const [url = '', folder = '', target = ''] = process.argv.slice(2);
const { reach, passed } = faultPoints(target);
const real = connect({ url });
const artifacts = await fsArtifacts({ folder: `${folder}/artifacts` });
await catchUp({ ...watchWrites({ database: real, artifacts }, reach), folder, asked: real });
await real.close();
process.send?.({ passed });
process.disconnect?.();
