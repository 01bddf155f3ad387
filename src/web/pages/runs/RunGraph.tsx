import '@xyflow/react/dist/style.css';
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { type CSSProperties, useMemo } from 'react';
import type { TaskRun } from '#api';
import { stateLook } from '../../components/states.tsx';
import { SpanText } from '../../components/TimeText.tsx';
import { layOut, NODE_HEIGHT, NODE_WIDTH } from './graph-layout.ts';

type TaskNode = Node<{ taskRun: TaskRun }, 'task'>;
const NODE_TYPES = { task: TaskNodeBox };
const HEIGHT_MIN = 200;
const HEIGHT_MAX = 480;
const PADDING = 56;

interface RunGraphProps {
  readonly taskRuns: readonly TaskRun[];
  readonly selected: string | undefined;
  readonly onSelect: (goal: string | undefined) => void;
}

/** The task runs and their needs, live. The list below shows the same as text. */
export function RunGraph({ taskRuns, selected, onSelect }: RunGraphProps) {
  const scheme = useComputedColorScheme('light');
  // Positions depend only on the graph: a change of state must not move anything.
  const shape = JSON.stringify(taskRuns.map(({ goal, needs }) => ({ goal, needs })));
  const { positions, edges, height } = useMemo(() => layOut(JSON.parse(shape)), [shape]);
  const nodes: TaskNode[] = taskRuns.map((taskRun) => ({
    id: taskRun.goal,
    type: 'task',
    position: positions.get(taskRun.goal) ?? { x: 0, y: 0 },
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
    data: { taskRun },
    selected: taskRun.goal === selected,
    ariaLabel: `${taskRun.task}: ${stateLook(taskRun.state).word}`,
  }));
  const running = new Set(taskRuns.filter(({ state }) => state === 'running').map(({ goal }) => goal));
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

function TaskNodeBox({ data: { taskRun } }: NodeProps<TaskNode>) {
  const { tone, word, icon } = stateLook(taskRun.state);
  // A custom property is not among the properties that CSSProperties lists.
  const style = { '--node-solid': `var(--tone-${tone}-solid)` } as CSSProperties;
  return (
    <div className="task-node" style={style}>
      <Handle type="target" position={Position.Left} isConnectable={false} style={{ opacity: 0 }} />
      <Text size="sm" fw={600} truncate>
        {taskRun.task}
      </Text>
      <Group gap={5} wrap="nowrap" style={{ color: `var(--tone-${tone}-text)`, fontSize: 12.5, fontWeight: 550 }}>
        {icon}
        {word}
        {taskRun.startedAt === null || taskRun.state === 'cached' ? null : (
          <Text span size="xs" c="dimmed" truncate>
            <SpanText startedAt={taskRun.startedAt} endedAt={taskRun.endedAt} />
          </Text>
        )}
      </Group>
      <Handle type="source" position={Position.Right} isConnectable={false} style={{ opacity: 0 }} />
    </div>
  );
}
