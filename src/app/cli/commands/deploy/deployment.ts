/** What the files of a deployment are derived from. */
export interface Deployment {
  /** Name of the project, in kebab case; objects of Kubernetes and services of compose begin with it. */
  readonly name: string;
  readonly title: string;
  /** Name of the image, without a tag. */
  readonly image: string;
  /** The project, relative to the folder that the image is built from; `.` when it is that. */
  readonly projectPath: string;
  /** The folder that the image is built from, relative to the one that the files are written to; `.` when it is that. */
  readonly contextPath: string;
  /** The other way around: the folder that the files are written to, relative to the root of the repository. */
  readonly deployPath: string;
  /** Files that `npm ci` needs besides package.json and package-lock.json, relative to the context. */
  readonly packageFiles: readonly string[];
  /** The project is an example in a clone of Weir, whose own Dockerfile builds its image. */
  readonly isInClone: boolean;
  /** Environments that have a file in `config/`, in the order in which a release passes them. */
  readonly environments: readonly string[];
  readonly workers: readonly WorkerGroup[];
}

/** Workers that are alike. */
export interface WorkerGroup {
  /** `worker`, or `worker-gpu`: its service in compose, and the end of its name in Kubernetes. */
  readonly name: string;
  /** The labels that they serve; undefined for all. */
  readonly labels: readonly string[] | undefined;
  readonly replicas: number;
}

/** What stands behind `weir` to start one of them. */
export const argumentsOf = ({ labels }: WorkerGroup): readonly string[] =>
  labels === undefined ? ['worker'] : ['worker', '--labels', labels.join(',')];

/** A list in one line of YAML. */
export const yamlList = (words: readonly string[]): string =>
  `[${words.map((word) => (/^[\w-]+$/.test(word) ? word : JSON.stringify(word))).join(', ')}]`;

/** The long-term release of Node that images have, and workflows test with. */
export const NODE_VERSION = 26;
/** Port of the web app and API within a container. */
export const PORT = 8080;

/** A file of the deployment by its path from the root of the repository. */
export function pathInRepository({ deployPath }: Pick<Deployment, 'deployPath'>, file: string): string {
  return deployPath === '.' ? file : `${deployPath}/${file}`;
}

/** The Dockerfile of the image, from the root of the repository. */
export function dockerfilePath(deployment: Deployment): string {
  return deployment.isInClone ? 'Dockerfile' : pathInRepository(deployment, 'Dockerfile');
}
