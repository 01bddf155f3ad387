import { type Contract, columnWithRole, contractText, textSource } from '#contracts';

/** What the files of a new project say. */
export interface NewProject {
  /** Kebab-case. */
  readonly name: string;
  readonly title: string;
  readonly contract: Contract;
  /** The data, relative to the project, with forward slashes. */
  readonly data: string;
  /** The same, relative to the state folder. */
  readonly dataFromState: string;
  readonly rows: number;
  /** Whether parts of the data arrive again as an example. */
  readonly hasFeed: boolean;
  /** Where the types of `weir` are, when no folder above has it installed. */
  readonly types?: string;
  /** The folder of `weir`, in the same case. */
  readonly weirFolder?: string;
  /** Whether a folder above has a package.json. */
  readonly hasPackage: boolean;
}

const FEED_FILES_MAX = 100;
const FEED_ROWS_MIN = 5;

const SETTINGS_HEAD = '# Settings of every environment. `weir settings` lists all there are.\n';

/** The files of a project by their path in its folder. `project.ts` is the last: with it the project is complete. */
export function projectFiles(project: NewProject): ReadonlyMap<string, string> {
  return new Map([
    ['.gitignore', '.weir/\nraw-data/\ngood-data/\nbad-data/\nlabel-data/\nnode_modules/\n'],
    ['tsconfig.json', tsconfig(project)],
    ...(project.hasPackage ? [] : [['package.json', packageJson(project)] as const]),
    ['config/base.yaml', settings(project)],
    ['contract.test.mjs', contractTest(project)],
    ['README.md', readme(project)],
    ['project.ts', projectSource(project)],
  ]);
}

function projectSource({ name, title, contract, data }: NewProject): string {
  const { imports, definition } = contractText(contract, { withUnits: true });
  const { kind } = contract.columns[columnWithRole(contract, 'label')] ?? {};
  const isNumber = kind === 'number' || kind === 'integer';
  const estimator = isNumber ? 'linearRegression' : 'logisticRegression';
  const all = [...imports, 'defineProject', 'fromFiles', 'fromGoodData', estimator].sort();
  return `import {\n${all.map((each) => `  ${each},\n`).join('')}} from 'weir';

/** What the data must be, as suggested by ${data}. Correct it: what is not so, and what the data do not show. */
${definition}
export default defineProject({
  name: ${textSource(name)},
  title: ${textSource(title)},
  contract,
  // Or knn({ k: 25 }), which is imported from 'weir' too.
  estimator: ${estimator}(),
  // The file, and the rows of arriving files whose label is known.
  training: [fromFiles(${textSource(data)}), fromGoodData()],
});
`;
}

function settings({ rows, dataFromState, hasFeed }: NewProject): string {
  if (!hasFeed) return `${SETTINGS_HEAD}{}\n`;
  const files = Math.min(FEED_FILES_MAX, Math.max(1, Math.floor(rows / FEED_ROWS_MIN)));
  return `${SETTINGS_HEAD}
# An example of arriving data: parts of the file arrive in raw-data/ by themselves, so that there is something to see.
# Set schedules.feed to off when files of your own arrive there.
schedules:
  feed: '30 * * * * *'
feed:
  file: ${JSON.stringify(dataFromState)}
  files: ${files}
  corruptFiles: 0 # the share of the parts that get errors, to see what a check finds
`;
}

function tsconfig({ types }: NewProject): string {
  const options = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'Preserve',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    ...(types === undefined ? {} : { paths: { weir: [types] } }),
  };
  return `${JSON.stringify({ compilerOptions: options, include: ['*.ts'] }, undefined, 2)}\n`;
}

function packageJson({ name, weirFolder }: NewProject): string {
  const content = {
    name,
    private: true,
    type: 'module',
    scripts: {
      start: 'weir serve',
      test: 'node --test',
    },
    ...(weirFolder === undefined ? {} : { dependencies: { weir: `file:${weirFolder}` } }),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function contractTest({ data }: NewProject): string {
  return `import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const weir = fileURLToPath(new URL('../../bin/weir.mjs', import.meta.resolve('weir')));
const project = fileURLToPath(new URL('.', import.meta.url));

test('the data meet the contract', () => {
  const args = [weir, 'check', ${textSource(data)}, '--with-label', '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const { rows, violations } = JSON.parse(stdout);
  assert.equal(rows.bad, 0, JSON.stringify(violations, undefined, 2));
});
`;
}

function readme({ title, contract, data, hasFeed }: NewProject): string {
  const feed = `\n3. Switch off the example in \`config/base.yaml\`, which lets parts of \`${data}\` arrive again.`;
  const label = columnWithRole(contract, 'label');
  return `# ${title}

Predicts ${label} from the other columns. Created by \`weir init\` from \`${data}\`.

| command | does |
| --- | --- |
| \`npx weir serve\` | runs everything: database, pipelines, API and web app at <http://127.0.0.1:8080> |
| \`npx weir run train\` | trains a model on the data and on what has arrived since |
| \`npx weir check <file>\` | checks a file against the contract |
| \`npx weir models\` | lists the versions of the model |
| \`node --test\` | checks the data against the contract |

| file | holds |
| --- | --- |
| \`project.ts\` | the contract, the estimator and where training data come from |
| \`config/base.yaml\` | settings |
| \`${data}\` | the data |
| \`raw-data/\` | where files arrive; their rows go to \`good-data/\` or \`bad-data/\` |
| \`label-data/\` | where files of labels arrive: what really happened to rows |

## What to do first

1. Read the contract in \`project.ts\`: ranges, categories and empty cells are those of the data. Correct what is wrong, and fill in
   units and descriptions.
2. Put a new file into \`raw-data/\`. Its rows are checked, predicted, and used for training when they have a label.${hasFeed ? feed : ''}
`;
}
