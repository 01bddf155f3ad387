// Tells from the history whether the walls stand where changes want them: a change that crosses many files, or a file
// that takes part in most changes, says that a room is cut wrongly.
import { execFileSync } from 'node:child_process';
import { commitShares } from './commit-shares.mjs';
import { rootFolder } from './root-folder.mjs';

const ONE_FILE_SHARE_MIN = 0.6;
const BUSIEST_SHARE_MAX = 0.15;

function history() {
  const log = execFileSync('git', ['log', '--no-merges', '--format=%x00', '--name-only', '--', 'src'], {
    cwd: rootFolder,
    encoding: 'utf8',
    maxBuffer: 256e6,
  });
  return log
    .split('\0')
    .slice(1)
    .map((part) => part.split('\n').filter((line) => line !== ''));
}

function print({ commits, oneFileShare, busiest }) {
  const percent = (share) => `${(share * 100).toFixed(0).padStart(3)} %`;
  const lines = [
    `${commits} commits change src/`,
    `${percent(oneFileShare)} of them stay in one file (keep at least ${percent(ONE_FILE_SHARE_MIN).trim()})`,
    `Files in most commits (keep each at most ${percent(BUSIEST_SHARE_MAX).trim()}):`,
    ...busiest.map(({ file, share }) => `${percent(share)}  ${file}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

print(commitShares(history()));
