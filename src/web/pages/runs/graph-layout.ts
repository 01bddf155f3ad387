import { graphlib, layout } from '@dagrejs/dagre';

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 68;

export interface GraphLayout {
  readonly positions: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  readonly height: number;
}

interface LaidOut {
  readonly id: string;
  readonly needs: readonly string[];
}

/** The position of each task run or group of them, from left to right in the order of their needs. */
export function layOut(groups: readonly LaidOut[]): GraphLayout {
  const ids = new Set(groups.map(({ id }) => id));
  // A need may be outside this run, when it was complete before.
  const edges = groups.flatMap(({ id, needs }) =>
    needs.filter((need) => ids.has(need)).map((need) => ({ from: need, to: id })),
  );
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 22, ranksep: 56, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of groups) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const positions = new Map(
    groups.map(({ id }) => {
      const { x = 0, y = 0 } = graph.node(id);
      return [id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
    }),
  );
  return { positions, edges, height: graph.graph().height ?? NODE_HEIGHT };
}
