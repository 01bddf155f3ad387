import { labelOf, type Node } from './node.ts';

type Nodes = ReadonlyMap<string, Node>;

/** The labels from one of `from` to `to`, along what each still waits for; undefined when no way leads there. */
export function findPath(
  nodes: Nodes,
  between: { readonly from: readonly Node[]; readonly to: Node },
): readonly string[] | undefined {
  const { from, to } = between;
  // Nobody waits for most goals that find out what they need: no way leads to those.
  const isWanted = to.dependents.length > 0 || (to.waiters?.size ?? 0) > 0;
  if (!isWanted) return from.includes(to) ? [labelOf(to)] : undefined;
  const cameFrom = new Map<Node, Node | undefined>(from.map((node) => [node, undefined]));
  const stack = [...from];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === to) {
      const labels: string[] = [];
      for (let at: Node | undefined = node; at !== undefined; at = cameFrom.get(at)) labels.unshift(labelOf(at));
      return labels;
    }
    for (const next of openNeedsOf(nodes, node)) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      stack.push(next);
    }
  }
  return undefined;
}

/** Goals under `from`, itself included, whose claim another run or process holds. */
export function findHeld(nodes: Nodes, from: readonly Node[]): readonly Node[] {
  const seen = new Set(from);
  for (const node of seen) for (const next of openNeedsOf(nodes, node)) seen.add(next);
  return [...seen].filter((node) => node.isHeld);
}

/** Attempts that wait for the goal, directly or through others. */
export function findSuspended(nodes: Nodes, goal: Node): readonly Node[] {
  const seen = new Set([goal]);
  for (const node of seen) {
    for (const id of node.dependents) addOpen(nodes, { id, seen });
    for (const id of node.waiters ?? []) addOpen(nodes, { id, seen });
  }
  seen.delete(goal);
  return [...seen].filter((node) => node.phase === 'running');
}

function* openNeedsOf(nodes: Nodes, node: Node): Generator<Node> {
  for (const ids of [node.needs, node.waitsFor ?? []]) {
    for (const id of ids) {
      const need = nodes.get(id);
      if (need !== undefined && need.phase !== 'ended') yield need;
    }
  }
}

function addOpen(nodes: Nodes, found: { readonly id: string; readonly seen: Set<Node> }): void {
  const node = nodes.get(found.id);
  if (node !== undefined && node.phase !== 'ended') found.seen.add(node);
}
