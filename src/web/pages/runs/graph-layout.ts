import { graphlib, layout } from '@dagrejs/dagre';
import type { TaskRun } from '#api';

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 68;

export interface GraphLayout {
  readonly positions: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  readonly height: number;
}

/** The position of each task run, from left to right in the order of their needs. */
export function layOut(taskRuns: readonly Pick<TaskRun, 'goal' | 'needs'>[]): GraphLayout {
  const goals = new Set(taskRuns.map(({ goal }) => goal));
  // A need may be outside this run, when it was complete before.
  const edges = taskRuns.flatMap(({ goal, needs }) =>
    needs.filter((need) => goals.has(need)).map((need) => ({ from: need, to: goal })),
  );
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 22, ranksep: 56, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { goal } of taskRuns) graph.setNode(goal, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const positions = new Map(
    taskRuns.map(({ goal }) => {
      const { x = 0, y = 0 } = graph.node(goal);
      return [goal, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
    }),
  );
  return { positions, edges, height: graph.graph().height ?? NODE_HEIGHT };
}
