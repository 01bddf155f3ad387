import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '#api';
import { canTestPythonClients, runPython } from './python-clients.ts';
import { addChampion, ask, createWorld, parcel, type World } from './world.ts';

interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly string[];
}

const PAGE = readFileSync(path.join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
/** Of each row of the page: name, kind and meaning. */
const documented = [...PAGE.matchAll(/^\| `(weir_\w+)` \| (\w+) \| .* \| (.+) \|$/gm)].map(
  ([, name = '', kind = '', help = '']) => ({ name, kind, help }),
);
const UNITS = /_(?:seconds|bytes|info)(?:_total)?$/;
/** What is counted has no unit: its name says of what there are so many. */
const COUNTED =
  /^(?:1 (?:when|while)|Clients|Runs|Task runs|Slots|Files|Alerts?|Connections|Queries|The model version) /;

let world: World;
beforeAll(async () => {
  world = await createWorld({
    measures: {
      slots: () => ({ size: 3, used: 2, waiting: 7 }),
      filesWaiting: async () => 4,
      artifactBytes: () => 1024,
    },
    disk: { freeBytes: async () => 2048, freeMinMb: 0 },
  });
  await addChampion(world);
  await ask(world, routes.predict, { body: parcel });
});
afterAll(() => world.close());

/** What the parser of `prometheus_client` makes of an answer. */
async function parsed(accept: string, parser: string): Promise<ReadonlyMap<string, ParsedFamily>> {
  const { body } = await world.server.inject({ url: '/metrics', headers: { accept } });
  const families = await runPython(`
import base64, json
from ${parser} import text_string_to_metric_families
text = base64.b64decode("${Buffer.from(body).toString('base64')}").decode()
families = text_string_to_metric_families(text)
print(json.dumps([dict(name=f.name, type=f.type, help=f.documentation, samples=[s.name for s in f.samples]) for f in families]))
`);
  // As just printed.
  return new Map((families as readonly ParsedFamily[]).map((family) => [family.name, family]));
}

describe.runIf(canTestPythonClients())('/metrics, read by the parser of prometheus_client', () => {
  it.each([
    ['Prometheus', 'text/plain', 'prometheus_client.parser'],
    ['OpenMetrics', 'application/openmetrics-text; version=1.0.0', 'prometheus_client.openmetrics.parser'],
  ])('has each documented metric with HELP and TYPE as %s', async (_, accept, parser) => {
    const families = await parsed(accept, parser);
    expect(documented.length).toBeGreaterThan(25);
    // The parser names a family of counters without the suffix of its samples.
    for (const { name, kind, help } of documented)
      expect(families.get(kind === 'counter' ? name.replace(/_total$/, '') : name), name).toMatchObject({
        type: kind,
        help,
      });
    const samples = [...families.values()].flatMap((family) => family.samples);
    expect(samples).toEqual(expect.arrayContaining(['weir_predictions_total', 'weir_disk_free_bytes']));
  });
});

describe('each documented metric', () => {
  it.each(documented)('$name has the suffix of its unit', ({ name, kind, help }) => {
    if (kind === 'counter') expect(name).toMatch(/_total$/);
    if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
    if (kind === 'gauge' && !COUNTED.test(help)) expect(name).toMatch(UNITS);
    // What tells a time or a size names its unit.
    if (/\b(?:time|size|space)\b/i.test(help) && !/at the same time/.test(help)) expect(name).toMatch(UNITS);
  });
});
