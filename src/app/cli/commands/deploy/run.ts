import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '#store';
import { loadConfig } from '../../../project/load-config.ts';
import { pathsOf } from '../../../project/paths.ts';
import { labelsOf } from '../../../serve/open-remote.ts';
import { loadAll } from '../../../serve/start-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { exportFiles as exportGrafana } from '../grafana/run.ts';
import { composeFile, environmentExample } from './compose.ts';
import type { Deployment } from './deployment.ts';
import { dockerfile, dockerignore } from './dockerfile.ts';
import { kubernetesFiles } from './kubernetes.ts';
import { readDeployment } from './read-deployment.ts';
import { ruleset } from './ruleset.ts';
import { workerGroups } from './worker-groups.ts';
import { promoteWorkflow, releaseWorkflow, testWorkflow } from './workflows.ts';

export interface DeployFlags extends ProjectFlags {
  readonly into?: string;
  readonly image: string;
  readonly workers?: readonly string[];
  readonly force?: boolean;
}

/** Writes the files; nothing is opened but the project's code. */
export async function exportDeployment(options: InProject<DeployFlags>): Promise<number> {
  const { projectFolder, environment, image, force = false, json, print } = options;
  const config = await loadConfig(projectFolder, environment);
  const { project } = await loadAll(pathsOf(projectFolder, config));
  const { name, title } = project;
  const { deployment, into } = await readDeployment({
    ...{ name, title, projectFolder: path.resolve(projectFolder), into: options.into, image },
    workers: workerGroups(options.workers, labelsOf(config)),
  });
  const files = deploymentFiles(deployment);
  const kept = await writeFiles(into, { files, force });
  const grafana = {
    into: path.join(into, 'grafana'),
    mountedAt: '/etc/grafana/weir',
    json: false,
    print: () => undefined,
  };
  // What an example exports for Grafana is in the clone already.
  if (!deployment.isInClone) await exportGrafana({ ...options, ...grafana });
  const written = Object.keys(files).filter((file) => !kept.includes(file));
  print(json ? `${JSON.stringify({ folder: into, written, kept })}\n` : printable(toText(into, { written, kept })));
  return EXIT_CODES.done;
}

function toText(
  into: string,
  { written, kept }: { readonly written: readonly string[]; readonly kept: readonly string[] },
): string {
  const heading = 'There already with another content, and left as they are (--force replaces them):';
  return [
    `${written.length} files in ${path.relative(process.cwd(), into) || '.'}`,
    ...written.map((file) => `  ${file}`),
    ...(kept.length === 0 ? [] : [heading, ...kept.map((file) => `  ${file}`)]),
    'Next: docs/deployment.md says what to choose, and how a release goes from one environment to the next.',
    '',
  ].join('\n');
}

/** Every file by its path. */
function deploymentFiles(deployment: Deployment): Readonly<Record<string, string>> {
  return {
    ...(deployment.isInClone ? {} : { Dockerfile: dockerfile(deployment), '.dockerignore': dockerignore(deployment) }),
    'compose.yaml': composeFile(deployment),
    '.env.example': environmentExample(),
    ...kubernetesFiles(deployment),
    '.github/workflows/test.yml': testWorkflow(deployment),
    '.github/workflows/release.yml': releaseWorkflow(deployment),
    '.github/workflows/promote.yml': promoteWorkflow(deployment),
    '.github/rulesets/main.json': ruleset(),
  };
}

interface Writing {
  readonly files: Readonly<Record<string, string>>;
  readonly force: boolean;
}

/** Writes the files, and returns those that are there already and say something else, which are left unless forced. */
async function writeFiles(folder: string, { files, force }: Writing): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present === text) continue;
    if (present !== undefined && !force) {
      kept.push(name);
      continue;
    }
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomically(file, text);
  }
  return kept;
}
