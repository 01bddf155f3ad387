const LOADERS = { ts: 'ts', tsx: 'tsx', js: 'js', jsx: 'jsx' } as const;

/** How esbuild reads a file of code, by its extension; nothing for other files. */
export function maybeScriptLoader(file: string): (typeof LOADERS)[keyof typeof LOADERS] | undefined {
  const ending = /\.[cm]?([jt]sx?)$/.exec(file)?.[1] ?? '';
  return Object.entries(LOADERS).find(([each]) => each === ending)?.[1];
}

/** The value of `import.meta` for a file, given an expression for its URL. */
const OWN: { readonly [property: string]: (url: string) => string } = {
  url: (url) => url,
  filename: (url) => `process.getBuiltinModule("node:url").fileURLToPath(${url})`,
  dirname: (url) => `process.getBuiltinModule("node:path").dirname(${OWN.filename?.(url)})`,
};

/** The text of a file that keeps its own URL in a bundle, so that it finds data files next to it. */
export async function withOwnAddress(
  source: { readonly file: string; readonly text: string },
  url: string,
): Promise<string> {
  const { file, text } = source;
  if (!text.includes('import.meta')) return text;
  // Few files name it, and the parser takes 30 ms to load.
  const { parseSync, Visitor } = await import('rolldown/utils');
  const { program, errors } = parseSync(file, text, { sourceType: 'module' });
  // esbuild reports the mistake, with a better message.
  if (errors.length > 0) return text;
  const edits: { readonly start: number; readonly end: number; readonly by: string }[] = [];
  new Visitor({
    MemberExpression: ({ object, property, start, end }) => {
      if (object.type !== 'MetaProperty' || property.type !== 'Identifier') return;
      const by = Object.hasOwn(OWN, property.name) ? OWN[property.name]?.(url) : undefined;
      if (by !== undefined) edits.push({ start, end, by });
    },
  }).visit(program);
  let result = text;
  for (const { start, end, by } of edits.sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + by + result.slice(end);
  return result;
}
