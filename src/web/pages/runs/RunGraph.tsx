import '@xyflow/react/dist/style.css';
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { type CSSProperties, useMemo } from 'react';
import { stateLook } from '../../components/states.tsx';
import { SpanText } from '../../components/TimeText.tsx';
import { layOut, NODE_HEIGHT, NODE_WIDTH } from './graph-layout.ts';
import { type TaskGroup, toCountsText } from './task-groups.ts';

type TaskNode = Node<{ group: TaskGroup }, 'task'>;
const NODE_TYPES = { task: TaskNodeBox };
const HEIGHT_MIN = 200;
const HEIGHT_MAX = 480;
const PADDING = 56;

interface RunGraphProps {
  readonly groups: readonly TaskGroup[];
  /** Identity of a goal, or the name of a task. */
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
}

/** The task runs, or tasks in a run of many, and their needs, live. The list below shows the same as text. */
export function RunGraph({ groups, selected, onSelect }: RunGraphProps) {
  const scheme = useComputedColorScheme('light');
  // Positions depend only on the graph: a change of state must not move anything.
  const shape = JSON.stringify(groups.map(({ id, needs }) => ({ id, needs })));
  const { positions, edges, height } = useMemo(() => layOut(JSON.parse(shape)), [shape]);
  const nodes: TaskNode[] = groups.map((group) => ({
    id: group.id,
    type: 'task',
    position: positions.get(group.id) ?? { x: 0, y: 0 },
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    data: { group },
    selected: group.id === selected || group.taskRuns.some(({ goal }) => goal === selected),
    ariaLabel: `${group.task}${group.label === '' ? '' : ` ${group.label}`}: ${stateText(group)}`,
  }));
  const running = new Set(groups.filter(({ state }) => state === 'running').map(({ id }) => id));
  const lines: Edge[] = edges.map(({ from, to }) => ({
    id: `${from} ${to}`,
    source: from,
    target: to,
    animated: running.has(to),
    focusable: false,
  }));
  return (
    <div style={{ height: Math.min(Math.max(height + PADDING, HEIGHT_MIN), HEIGHT_MAX) }}>
      <ReactFlow
        nodes={nodes}
        edges={lines}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={{ padding: 0.1, maxZoom: 1 }}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
        style={{ background: 'transparent' }}
        onNodeClick={(_, node) => onSelect(node.id)}
        onPaneClick={() => onSelect(undefined)}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </div>
  );
}

/** The state of a task run; of a group, how many are in each. */
const stateText = ({ taskRuns, state }: TaskGroup): string =>
  taskRuns.length === 1 ? stateLook(state).word : toCountsText(taskRuns);

function TaskNodeBox({ data: { group } }: NodeProps<TaskNode>) {
  const { tone, icon } = stateLook(group.state);
  const isOne = group.taskRuns.length === 1;
  const title = group.label === '' ? group.task : `${group.task} · ${group.label}`;
  // A custom property is not among the properties that CSSProperties lists.
  const style = { '--node-solid': `var(--tone-${tone}-solid)` } as CSSProperties;
  return (
    <div className="task-node" style={style}>
      <Handle type="target" position={Position.Left} isConnectable={false} style={{ opacity: 0 }} />
      <Text size="sm" fw={600} truncate title={title}>
        {title}
      </Text>
      <Group gap={5} wrap="nowrap" style={{ color: `var(--tone-${tone}-text)`, fontSize: 12.5, fontWeight: 550 }}>
        {icon}
        <Text span inherit truncate title={stateText(group)}>
          {stateText(group)}
        </Text>
        {!isOne || group.startedAt === null || group.state === 'cached' ? null : (
          <Text span size="xs" c="dimmed" truncate>
            <SpanText startedAt={group.startedAt} endedAt={group.endedAt} />
          </Text>
        )}
      </Group>
      <Handle type="source" position={Position.Right} isConnectable={false} style={{ opacity: 0 }} />
    </div>
  );
}
