import { type Deployment, dockerfilePath, NODE_VERSION, pathInRepository } from './deployment.ts';

const HEAD = `permissions:
  contents: read
`;

/** On each pull request and on main: the project's tests, its settings in each environment, and that its image builds and starts. */
export function testWorkflow(deployment: Deployment): string {
  const { projectPath, environments } = deployment;
  const project = projectPath === '.' ? '' : ` --project ${projectPath}`;
  return `name: test
on:
  push:
    branches: [main]
  pull_request:

${HEAD}
concurrency:
  group: test-\${{ github.ref }}
  cancel-in-progress: true

jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: ${NODE_VERSION}
          cache: npm
      - run: npm ci
      - run: npm test --if-present
      # Each environment's settings are read and the project is built with them; a wrong key ends it.
${environments
  .map(
    (environment) => `      - run: npx weir grafana export${project} --into "$RUNNER_TEMP/grafana-${environment}"
        env:
          WEIR_ENV: ${environment}
`,
  )
  .join('')}  image:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - run: docker build --file ${dockerfilePath(deployment)} --tag candidate .
      - run: docker run --rm candidate --version
`;
}

/** On main, after review: the image is built once, pushed by its commit, and rolled out to the first environment. */
export function releaseWorkflow(deployment: Deployment): string {
  const { image, environments } = deployment;
  const [first = 'dev'] = environments;
  return `name: release
on:
  push:
    branches: [main]

permissions:
  contents: read

concurrency: release

jobs:
  image:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    permissions:
      contents: read
      packages: write
      id-token: write
    outputs:
      digest: \${{ steps.build.outputs.digest }}
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@v3
      - uses: docker/login-action@v3
        with:
          registry: ${registryOf(image)}
          username: \${{ github.actor }}
          password: \${{ secrets.GITHUB_TOKEN }}
      - id: build
        uses: docker/build-push-action@v6
        with:
          context: .
          file: ${dockerfilePath(deployment)}
          push: true
          tags: ${image}:\${{ github.sha }}
          provenance: true
          sbom: true
          cache-from: type=gha
          cache-to: type=gha,mode=max

  ${first}:
    needs: image
    permissions:
      contents: read
    uses: ./.github/workflows/promote.yml
    with:
      environment: ${first}
      digest: \${{ needs.image.outputs.digest }}
    secrets: inherit
`;
}

/** By hand: the same image, by its digest, goes on to the next environment, whose rules in GitHub say who may approve that. */
export function promoteWorkflow(deployment: Deployment): string {
  const { name, environments } = deployment;
  return `name: promote
on:
  workflow_dispatch:
    inputs:
      environment:
        description: Where the image goes
        type: choice
        required: true
        options: [${environments.join(', ')}]
      digest:
        description: Digest of the image, as the run of "release" shows it (sha256:…)
        type: string
        required: true
  workflow_call:
    inputs:
      environment:
        type: string
        required: true
      digest:
        type: string
        required: true

permissions:
  contents: read

jobs:
  promote:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    # Reviewers, waiting time and secrets of an environment are set in GitHub: Settings, Environments.
    environment: \${{ inputs.environment }}
    concurrency: promote-\${{ inputs.environment }}
    env:
      ENVIRONMENT: \${{ inputs.environment }}
      DIGEST: \${{ inputs.digest }}
      NAMESPACE: ${name}-\${{ inputs.environment }}
${promoteSteps(deployment)}`;
}

const registryOf = (image: string): string => image.split('/')[0] ?? image;

function promoteSteps(deployment: Deployment): string {
  const { name, image, workers } = deployment;
  const folder = pathInRepository(deployment, 'kubernetes');
  return `    steps:
      - uses: actions/checkout@v4
      - name: Check the digest
        run: '[[ "$DIGEST" =~ ^sha256:[0-9a-f]{64}$ ]]'
      - name: Log in to the cluster
        env:
          KUBECONFIG_TEXT: \${{ secrets.KUBECONFIG }}
        run: |
          install -m 600 /dev/null "$RUNNER_TEMP/kubeconfig"
          printf '%s' "$KUBECONFIG_TEXT" > "$RUNNER_TEMP/kubeconfig"
          echo "KUBECONFIG=$RUNNER_TEMP/kubeconfig" >> "$GITHUB_ENV"
      - name: Name the image
        working-directory: ${folder}/overlays
        run: |
          cat >> "$ENVIRONMENT/kustomization.yaml" <<EOF
          images:
            - name: ${image}
              digest: $DIGEST
          EOF
      - name: Bring the schema up to date
        run: |
          kubectl kustomize "${folder}/overlays/$ENVIRONMENT" > "$RUNNER_TEMP/all.yaml"
          kubectl --namespace "$NAMESPACE" delete job ${name}-migrate --ignore-not-found
          kubectl --namespace "$NAMESPACE" apply --filename "$RUNNER_TEMP/all.yaml" \\
            --selector 'app.kubernetes.io/component in (settings, migrate)'
          kubectl --namespace "$NAMESPACE" wait --for=condition=complete --timeout=10m job/${name}-migrate
      - name: Roll out
        run: |
          kubectl --namespace "$NAMESPACE" apply --filename "$RUNNER_TEMP/all.yaml"
          kubectl --namespace "$NAMESPACE" rollout status --timeout=10m deployment/${name}-server
${workers.map((group) => `          kubectl --namespace "$NAMESPACE" rollout status --timeout=10m deployment/${name}-${group.name}\n`).join('')}`;
}
