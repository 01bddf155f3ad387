import { argumentsOf, type Deployment, PORT, type WorkerGroup, yamlList } from './deployment.ts';

/** Manifests by their path: what all environments share, and an overlay for each, in the form of kustomize. */
export function kubernetesFiles(deployment: Deployment): Readonly<Record<string, string>> {
  const { environments, workers } = deployment;
  return {
    'kubernetes/base/kustomization.yaml': baseKustomization(deployment),
    'kubernetes/base/settings.yaml': settings(deployment),
    'kubernetes/base/migrate.yaml': migrateJob(deployment),
    'kubernetes/base/server.yaml': server(deployment),
    ...Object.fromEntries(workers.map((group) => [`kubernetes/base/${group.name}.yaml`, worker(deployment, group)])),
    ...Object.fromEntries(
      environments.map((environment) => [
        `kubernetes/overlays/${environment}/kustomization.yaml`,
        overlay(deployment, environment),
      ]),
    ),
  };
}

const labels = (name: string, component: string): string =>
  `app.kubernetes.io/name: ${name}, app.kubernetes.io/component: ${component}`;

function baseKustomization({ name, workers }: Deployment): string {
  return `# What all environments share; overlays/<environment> adds what is its own.
# The secret ${name}-secrets is made once for each environment and is in no file:
#   kubectl --namespace ${name}-prod create secret generic ${name}-secrets \\
#     --from-literal=DATABASE_URL=postgres://… \\
#     --from-literal=WEIR_S3__ACCESS_KEY_ID=… --from-literal=WEIR_S3__SECRET_ACCESS_KEY=…
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - settings.yaml
  - migrate.yaml
  - server.yaml
${workers.map((group) => `  - ${group.name}.yaml\n`).join('')}`;
}

function settings({ name }: Deployment): string {
  return `# Settings that are not in the image: they say where this cluster has what the project needs.
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}-settings
  labels: { ${labels(name, 'settings')} }
data:
  WEIR_DATABASE__MIGRATE: deploy
  WEIR_ENGINE__EXECUTOR: remote
  WEIR_SERVER__DRAIN_SECONDS: '10'
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
  labels: { ${labels(name, 'settings')} }
automountServiceAccountToken: false
`;
}

function migrateJob(deployment: Deployment): string {
  const { name } = deployment;
  return `# Brings the schema up to date, before a new image is rolled out. A job cannot be changed: promote.yml deletes it and creates it again.
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}-migrate
  labels: { ${labels(name, 'migrate')} }
spec:
  backoffLimit: 5
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels: { ${labels(name, 'migrate')} }
    spec:
      restartPolicy: Never
${podSpec(deployment, { container: 'migrate', args: ['migrate'], indent: 6 })}`;
}

function server(deployment: Deployment): string {
  const { name } = deployment;
  return `# API, web app and scheduler. Each replica answers; one at a time schedules, and another takes over when it ends.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}-server
  labels: { ${labels(name, 'server')} }
spec:
  replicas: 2
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector: { matchLabels: { ${labels(name, 'server')} } }
  template:
    metadata:
      labels: { ${labels(name, 'server')} }
    spec:
      terminationGracePeriodSeconds: 60
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: { ${labels(name, 'server')} } }
${podSpec(deployment, { container: 'server', args: ['serve'], indent: 6, more: serverProbes })}---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  labels: { ${labels(name, 'server')} }
spec:
  selector: { ${labels(name, 'server')} }
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${name}-server
  labels: { ${labels(name, 'server')} }
spec:
  maxUnavailable: 1
  selector: { matchLabels: { ${labels(name, 'server')} } }
`;
}

function worker(deployment: Deployment, group: WorkerGroup): string {
  const { name } = deployment;
  const { labels: served, replicas } = group;
  const runs = served === undefined ? 'Runs tasks' : `Runs tasks of ${served.join(', ')}`;
  return `# ${runs}. As many replicas as there is work for; one that is ended finishes what it does, or hands it back.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}-${group.name}
  labels: { ${labels(name, group.name)} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { ${labels(name, group.name)} } }
  template:
    metadata:
      labels: { ${labels(name, group.name)} }
    spec:
      terminationGracePeriodSeconds: 300
${podSpec(deployment, { container: 'worker', args: argumentsOf(group), indent: 6 })}`;
}

interface Pod {
  readonly container: string;
  readonly args: readonly string[];
  readonly indent: number;
  /** Further lines of the container. */
  readonly more?: readonly string[];
}

const serverProbes: readonly string[] = [
  `  ports: [{ name: http, containerPort: ${PORT} }]`,
  '  startupProbe: { httpGet: { path: /livez, port: http }, failureThreshold: 60, periodSeconds: 5 }',
  '  livenessProbe: { httpGet: { path: /livez, port: http }, timeoutSeconds: 5 }',
  '  readinessProbe: { httpGet: { path: /readyz, port: http }, timeoutSeconds: 5 }',
];

/** No root, no capability, nothing to write but the state and temporary files. */
function podSpec({ name, image }: Deployment, { container, args, indent, more = [] }: Pod): string {
  const lines = [
    `serviceAccountName: ${name}`,
    'automountServiceAccountToken: false',
    'securityContext:',
    '  runAsNonRoot: true',
    '  runAsUser: 1000',
    '  runAsGroup: 1000',
    '  fsGroup: 1000',
    '  seccompProfile: { type: RuntimeDefault }',
    'containers:',
    ...[
      `- name: ${container}`,
      `  image: ${image}`,
      `  args: ${yamlList(args)}`,
      '  envFrom:',
      `    - configMapRef: { name: ${name}-settings }`,
      `    - secretRef: { name: ${name}-secrets }`,
      ...more,
      '  resources:',
      '    requests: { cpu: 500m, memory: 1Gi }',
      '    limits: { memory: 4Gi }',
      '  securityContext:',
      '    allowPrivilegeEscalation: false',
      '    readOnlyRootFilesystem: true',
      '    capabilities: { drop: [ALL] }',
      '  volumeMounts:',
      '    - { name: state, mountPath: /state }',
      '    - { name: data, mountPath: /data }',
      '    - { name: tmp, mountPath: /tmp }',
    ].map((line) => `  ${line}`),
    'volumes:',
    '  - { name: state, emptyDir: {} }',
    '  - { name: data, emptyDir: {} }',
    '  - { name: tmp, emptyDir: {} }',
  ];
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}

function overlay({ name, environments }: Deployment, environment: string): string {
  const isLast = environment === environments.at(-1);
  return `# ${name} in the environment ${environment}: config/${environment}.yaml of the project, in a namespace of its own.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${name}-${environment}
resources:
  - ../../base
patches:
  - target: { kind: ConfigMap, name: ${name}-settings }
    patch: |
      - { op: add, path: /data/WEIR_ENV, value: ${environment} }
      - { op: add, path: /data/WEIR_ARTIFACTS, value: 's3://${name}-${environment}/artifacts' }
${['raw', 'good', 'bad', 'labels'].map((folder) => folderPatch({ name, environment, folder })).join('')}${
  isLast
    ? ''
    : `  - target: { kind: Deployment }
    patch: |
      - op: replace
        path: /spec/replicas
        value: 1
`
}`;
}

interface DataFolder {
  readonly name: string;
  readonly environment: string;
  readonly folder: string;
}

/** Pods share no disk, so data come in and go out by the bucket too. */
function folderPatch({ name, environment, folder }: DataFolder): string {
  const place = folder === 'labels' ? 'label-data' : `${folder}-data`;
  const value = `'s3://${name}-${environment}/${place}'`;
  return `      - { op: add, path: /data/WEIR_FOLDERS__${folder.toUpperCase()}, value: ${value} }\n`;
}
