import { Card, Stack } from '@mantine/core';
import { IconRulerMeasure } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Drift } from '#api';
import { Empty } from '../../components/Notice.tsx';
import { modelsQuery, projectQuery } from '../../queries.ts';
import { StartButton } from '../runs/StartButton.tsx';
import { maybeEarlier } from './earlier.ts';
import { windowLook } from './words.ts';

const MONITOR = 'monitor';

interface NoWindowProps {
  readonly stream: Drift['streams'][number];
  readonly version: number | null;
}

/** Says why there is no window yet and when there will be one. */
export function NoWindow({ stream: { status, sentence }, version }: NoWindowProps) {
  const versions = useQuery(modelsQuery).data?.versions ?? [];
  const earlier = maybeEarlier(versions, version);
  const pipelines = useQuery(projectQuery).data?.pipelines ?? [];
  return (
    <Card>
      <Stack align="center" pb="lg" gap={0}>
        <Empty icon={<IconRulerMeasure size={22} />} title={windowLook({ status }).word}>
          {sentence}
          {earlier === undefined ? null : (
            <>
              {' '}
              <Link to="/drift" search={{ version: earlier }}>
                See the windows of version {earlier}
              </Link>
              .
            </>
          )}
        </Empty>
        {pipelines.some(({ name, needsParams }) => name === MONITOR && !needsParams) ? (
          <StartButton pipeline={MONITOR} />
        ) : null}
      </Stack>
    </Card>
  );
}
