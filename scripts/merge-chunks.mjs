// Chunks that are loaded together become one file. esbuild makes one for each set of entries that share modules, some fifty
// for a single command, and Node takes a fifth of a millisecond for each beside its text.
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

/** What an entry may load more by merged chunks, in bytes: a millisecond. */
const GROWTH_MAX = 16 << 10;

/**
 * Writes what a build made into `folder`, where chunks of what the `busiest` entries load are merged. No entry loads much
 * more by it.
 *
 * @param outputFiles what esbuild made without writing it, with maps inside
 * @param metafile that of the build
 */
export async function writeMerged({ outputFiles, metafile }, { folder, busiest, options }) {
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const outputs = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [resolve(options.absWorkingDir, path), output]),
  );
  const groups = groupsOf(createLoading(outputs, options.absWorkingDir), busiest).filter(({ size }) => size > 1);
  const groupOf = new Map(groups.flatMap((group) => [...group].map((path) => [path, group])));
  const nameOf = new Map(groups.map((group) => [group, `chunks/together-${digestOf(group)}`]));
  const left = [...outputs.keys()].filter((path) => !groupOf.has(path));
  await build({
    ...options,
    entryPoints: [
      ...left.map((path) => ({ in: path, out: path.slice(folder.length + 1).replace(/\.js$/, '') })),
      ...groups.map((group) => ({ in: `group:${nameOf.get(group)}`, out: nameOf.get(group) })),
    ],
    // What it reads is only in memory.
    ...{ outdir: folder, allowOverwrite: true },
    plugins: [redirect({ texts, outputs, groupOf, nameOf, folder })],
  });
}

const digestOf = (group) =>
  createHash('sha256')
    .update([...group].sort().join())
    .digest('hex')
    .slice(0, 8)
    .toUpperCase();

/** A name that a chunk gives, in the file that it is merged into. */
const mergedName = (group, path, name) => `of${[...group].indexOf(path)}_${name}`;

function redirect({ texts, outputs, groupOf, nameOf, folder }) {
  const groups = new Map([...nameOf].map(([group, name]) => [`group:${name}`, group]));
  const members = (group, line) => ({ contents: [...group].map(line).join('\n'), resolveDir: join(folder, 'chunks') });
  const namesOf = (path) => outputs.get(path).exports;
  return {
    name: 'merged-chunks',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, importer, kind, namespace, resolveDir }) => {
        if (kind === 'entry-point') return groups.has(path) ? { path, namespace: 'group' } : { path };
        if (kind === 'dynamic-import' || !path.startsWith('.') || namespace === 'moved')
          return { path, external: true };
        const target = resolve(resolveDir, path);
        const group = groupOf.get(target);
        if (group === undefined) return { path, external: true };
        const isWithin = namespace === 'group' ? groups.get(importer) === group : groupOf.get(importer) === group;
        return isWithin ? { path: target } : { path, namespace: 'moved', pluginData: target };
      });
      onLoad({ filter: /./, namespace: 'group' }, ({ path }) => {
        const group = groups.get(path);
        return members(group, (member) => {
          const names = namesOf(member).map((name) => `${name} as ${mergedName(group, member, name)}`);
          return `export { ${names.join(', ')} } from './${basename(member)}';`;
        });
      });
      // Seen from who imports it, so that the address is right there.
      onLoad({ filter: /./, namespace: 'moved' }, ({ path, pluginData: target }) => {
        const group = groupOf.get(target);
        const names = namesOf(target).map((name) => `${mergedName(group, target, name)} as ${name}`);
        const address = `${dirname(path)}/${basename(nameOf.get(group))}.js`;
        return {
          contents: `export { ${names.join(', ')} } from '${address.startsWith('.') ? address : `./${address}`}';`,
        };
      });
      onLoad({ filter: /./, namespace: 'file' }, ({ path }) => ({ contents: texts.get(path), loader: 'js' }));
    },
  };
}

/** What each entry loads before its first line runs, and how large everything is. */
function createLoading(outputs, root) {
  const paths = [...outputs.keys()].filter((path) => path.endsWith('.js'));
  const importsOf = new Map(
    paths.map((path) => {
      const { imports } = outputs.get(path);
      const direct = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
      return [path, direct.map((each) => resolve(root, each.path))];
    }),
  );
  const entries = new Map();
  for (const path of paths) {
    const { entryPoint } = outputs.get(path);
    if (entryPoint === undefined) continue;
    const loaded = new Set([path]);
    for (const each of loaded) for (const next of importsOf.get(each)) loaded.add(next);
    entries.set(entryPoint, loaded);
  }
  return { entries, importsOf, bytesOf: (path) => outputs.get(path).bytes };
}

/** Merges two groups as long as there are two by which no entry loads too much, first those that cost the least. */
function groupsOf(loading, busiest) {
  const { entries, importsOf, bytesOf } = loading;
  const shared = new Set([...entries.values()].flatMap((loaded) => [...loaded].slice(1)));
  const users = (path) => [...entries].filter(([, loaded]) => loaded.has(path)).map(([entry]) => entry);
  const grown = new Map([...entries.keys()].map((entry) => [entry, 0]));
  const isBusy = ({ users }) => busiest.some((entry) => users.has(entry));
  let groups = [...shared].map((path) => ({
    paths: new Set([path]),
    size: bytesOf(path),
    users: new Set(users(path)),
  }));
  for (;;) {
    const imports = importsBetween(groups, importsOf);
    const busy = groups.filter(isBusy);
    const pairs = busy.flatMap((one, index) => busy.slice(index + 1).map((other) => ({ one, other })));
    const [best] = pairs
      .filter(({ one, other }) => !isBetween(imports, one, other) && !isBetween(imports, other, one))
      .map((pair) => ({
        ...pair,
        growth: [...growthBy(imports, pair.one, pair.other), ...growthBy(imports, pair.other, pair.one)],
      }))
      .filter(({ growth }) => growth.every(({ entry, size }) => grown.get(entry) + size <= GROWTH_MAX))
      .map((pair) => ({ ...pair, cost: pair.growth.reduce((sum, { size }) => sum + size, 0) }))
      .sort((a, b) => a.cost - b.cost);
    if (best === undefined) return groups.map(({ paths }) => paths);
    const { one, other, growth } = best;
    for (const { entry, size, added } of growth) {
      grown.set(entry, grown.get(entry) + size);
      for (const group of added) group.users.add(entry);
    }
    groups = groups.filter((group) => group !== one && group !== other);
    groups.push({ paths: new Set([...one.paths, ...other.paths]), size: one.size + other.size, users: one.users });
  }
}

/** Which groups each group imports by itself. */
function importsBetween(groups, importsOf) {
  const ownerOf = new Map(groups.flatMap((group) => [...group.paths].map((path) => [path, group])));
  return new Map(
    groups.map((group) => {
      const imported = [...group.paths].flatMap((path) => importsOf.get(path)).map((path) => ownerOf.get(path));
      return [group, new Set(imported.filter((each) => each !== undefined && each !== group))];
    }),
  );
}

/** A group and all that is loaded with it. */
function closureOf(imports, groups) {
  const loaded = new Set(groups);
  for (const each of loaded) for (const next of imports.get(each)) loaded.add(next);
  return loaded;
}

/** What entries that load one group only would load with the other. */
function growthBy(imports, one, other) {
  const loaded = [...closureOf(imports, [other])];
  return [...one.users]
    .filter((entry) => !other.users.has(entry))
    .map((entry) => {
      const added = loaded.filter((group) => !group.users.has(entry));
      return { entry, added, size: added.reduce((sum, { size }) => sum + size, 0) };
    });
}

/** Whether a group imports another through a third one, which they would import and be imported by as one. */
function isBetween(imports, from, to) {
  return closureOf(
    imports,
    [...imports.get(from)].filter((group) => group !== to),
  ).has(to);
}
