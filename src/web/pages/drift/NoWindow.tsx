import { Card, Stack } from '@mantine/core';
import { IconRulerMeasure } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Drift } from '#api';
import { Empty } from '../../components/Notice.tsx';
import { projectQuery } from '../../queries.ts';
import { StartButton } from '../runs/StartButton.tsx';
import { windowLook } from './words.ts';

const MONITOR = 'monitor';

/** Says why there is no window yet and when there will be one. */
export function NoWindow({ stream: { status, sentence } }: { readonly stream: Drift['streams'][number] }) {
  const pipelines = useQuery(projectQuery).data?.pipelines ?? [];
  return (
    <Card>
      <Stack align="center" pb="lg" gap={0}>
        <Empty icon={<IconRulerMeasure size={22} />} title={windowLook({ status }).word}>
          {sentence}
        </Empty>
        {pipelines.some(({ name, needsParams }) => name === MONITOR && !needsParams) ? (
          <StartButton pipeline={MONITOR} />
        ) : null}
      </Stack>
    </Card>
  );
}
