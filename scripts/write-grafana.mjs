// Writes the folder `grafana/` from the dashboard definitions. Runs the sources, so that no stale build is exported:
// node --import tsx -C weir-source scripts/write-grafana.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dashboards, grafanaFiles } from '#monitor';
import { rootFolder } from './root-folder.mjs';

const folder = join(rootFolder, 'grafana');
// A dashboard that is gone must not stay behind.
rmSync(folder, { recursive: true, force: true });
for (const [name, text] of Object.entries(await grafanaFiles(dashboards))) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}
