import type { Plugin } from 'vite';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Call extends Node {
  readonly callee: { readonly object?: Node; readonly property?: { readonly name?: string } };
}

interface Property extends Node {
  readonly key: { readonly name?: string };
  readonly value: Node;
}

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/**
 * Leaves descriptions and examples of the API out of the pages: only the server writes OpenAPI, and they are a tenth of
 * the API's code, which a browser loads first.
 */
export function withoutDocumentation(): Plugin {
  return {
    name: 'weir:without-documentation',
    transform: {
      order: 'post',
      filter: { id: /\/src\/api\/[\w-]+\.ts$/ },
      handler(code) {
        const cuts = cutsIn(this.parse(code)).sort((a, b) => b.start - a.start);
        const kept = cuts.reduce((text, { start, end, by }) => `${text.slice(0, start)}${by}${text.slice(end)}`, code);
        return { code: kept, map: null };
      },
    },
  };
}

/** `.meta(…)` behind a schema, and the summaries of routes. */
function cutsIn(node: unknown): Cut[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(cutsIn);
  const own = maybeCut(node);
  return own === undefined ? inner : [own, ...inner];
}

function maybeCut(node: object): Cut | undefined {
  // Nodes of ESTree have a type and a place, and those of these two types the other fields.
  const { type, end, callee, key, value } = node as Call & Property;
  if (type === 'CallExpression' && callee.property?.name === 'meta' && callee.object !== undefined)
    return { start: callee.object.end, end, by: '' };
  if (type === 'Property' && key.name === 'summary' && value.type === 'Literal')
    return { start: value.start, end: value.end, by: "''" };
  return undefined;
}
