import { Card, Group, Skeleton, Text } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ToneDot } from '../../components/ToneBadge.tsx';
import type { Tone } from '../../tones.ts';

export interface VitalProps {
  readonly name: string;
  readonly tone: Tone;
  readonly value: ReactNode;
  readonly detail: ReactNode;
  readonly to?: LinkProps['to'];
  readonly params?: LinkProps['params'];
}

/** One indicator: a colour, a value and a line below it, which may lead to a page. */
export function Vital({ name, tone, value, detail, to, params }: VitalProps) {
  const content = (
    <>
      <Group gap={7} mb={6}>
        <ToneDot tone={tone} />
        <Text size="sm" c="dimmed" fw={500}>
          {name}
        </Text>
      </Group>
      <Text fz={21} fw={650} lh={1.25} component="div" className="break tabular" style={{ letterSpacing: '-0.02em' }}>
        {value}
      </Text>
      <Text size="sm" c="dimmed" component="div" className="break">
        {detail}
      </Text>
    </>
  );
  if (to === undefined) return <Card>{content}</Card>;
  return (
    <Card className="card-link" renderRoot={(props) => <Link to={to} params={params} {...props} />}>
      {content}
    </Card>
  );
}

export function VitalSkeleton() {
  return <Skeleton height={104} radius="lg" />;
}
