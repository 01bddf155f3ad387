import { Card, Group, SegmentedControl, Select, Stack, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Drift } from '#api';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ToneDot } from '../../components/ToneBadge.tsx';
import { driftQuery, driftWindowQuery, modelsQuery } from '../../queries.ts';
import { StartButton } from '../runs/StartButton.tsx';
import { NoWindow } from './NoWindow.tsx';
import { WindowDetail } from './WindowDetail.tsx';
import { WindowTimeline } from './WindowTimeline.tsx';
import { WindowVerdict } from './WindowVerdict.tsx';
import { windowLook } from './words.ts';

const route = getRouteApi('/drift');
type Stream = Drift['streams'][number];
const STREAM_TITLES: Readonly<Record<Stream['stream'], string>> = {
  data: 'Arriving data',
  predictions: 'Predictions',
};

/** Whether what arrives and what is predicted still looks like what a model version was trained on. */
export function DriftPage() {
  const search = route.useSearch();
  const { data, error, refetch } = useQuery(driftQuery(search.version));
  const shown = data?.streams.find(({ stream }) => stream === search.stream) ?? data?.streams[0];
  return (
    <>
      <PageHeader title="Drift" actions={<StartButton pipeline="train">Train again</StartButton>}>
        {data === undefined || data.version === null
          ? 'Whether arriving data and predictions still look like what the model was trained on'
          : `Whether arriving data and predictions still look like what ${data.model}@${data.version} was trained on`}
      </PageHeader>
      {data === undefined || shown === undefined ? (
        error === null ? (
          <LoadingRows rows={5} height={60} />
        ) : (
          <Failed what="The drift" error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Stack gap="lg">
          <Group gap="sm">
            <StreamChoice streams={data.streams} shown={shown} />
            <VersionChoice drift={data} />
          </Group>
          {shown.latest === null ? <NoWindow stream={shown} version={data.version} /> : <ShownStream stream={shown} />}
        </Stack>
      )}
    </>
  );
}

function StreamChoice({ streams, shown }: { readonly streams: readonly Stream[]; readonly shown: Stream }) {
  const navigate = route.useNavigate();
  return (
    <SegmentedControl
      aria-label="What is judged"
      data={streams.map((stream) => ({ value: stream.stream, label: <StreamLabel stream={stream} /> }))}
      value={shown.stream}
      onChange={(chosen) =>
        void navigate({
          replace: true,
          resetScroll: false,
          // Windows and columns are those of one stream.
          search: ({ stream: _stream, window: _window, column: _column, ...others }) => {
            const stream = streams.find((each) => each.stream === chosen)?.stream;
            return stream === undefined ? others : { ...others, stream };
          },
        })
      }
    />
  );
}

function StreamLabel({ stream: { stream, status, latest } }: { readonly stream: Stream }) {
  const { tone, word } = windowLook(latest ?? { status });
  return (
    <Group gap={8} wrap="nowrap" justify="center">
      <ToneDot tone={tone} />
      {STREAM_TITLES[stream]}
      <VisuallyHidden>: {word}</VisuallyHidden>
    </Group>
  );
}

/** Another version than the champion, such as the one before it. */
function VersionChoice({ drift }: { readonly drift: Drift }) {
  const navigate = route.useNavigate();
  const versions = useQuery(modelsQuery).data?.versions ?? [];
  if (versions.length < 2 || drift.version === null) return null;
  return (
    <Select
      aria-label="Model version"
      w={190}
      allowDeselect={false}
      data={versions
        .toSorted((a, b) => b.version - a.version)
        .map(({ model, version, aliases }) => ({
          value: String(version),
          label: [`${model}@${version}`, ...aliases].join(', '),
        }))}
      value={String(drift.version)}
      onChange={(chosen) =>
        void navigate({
          replace: true,
          resetScroll: false,
          search: ({ window: _window, column: _column, ...others }) => ({ ...others, version: Number(chosen) }),
        })
      }
    />
  );
}

/** The newest window of a stream, or one that was chosen in its history. */
function ShownStream({ stream }: { readonly stream: Stream }) {
  const { window } = route.useSearch();
  const isOther = window !== undefined && window !== stream.latest?.id;
  const chosen = useQuery({ ...driftWindowQuery(window ?? ''), enabled: isOther });
  const shown = isOther ? chosen.data : (stream.latest ?? undefined);
  return (
    <>
      <Card component="section" aria-label="Windows">
        <Stack gap="md">
          {shown === undefined ? (
            isOther && chosen.error !== null ? (
              <Failed what="This window" error={chosen.error} onRetry={() => void chosen.refetch()} />
            ) : (
              <LoadingRows rows={2} />
            )
          ) : (
            <WindowVerdict window={shown} isNewest={!isOther} />
          )}
          <WindowTimeline windows={stream.history} shownId={window ?? stream.latest?.id} />
        </Stack>
      </Card>
      {shown === undefined ? null : <WindowDetail window={shown} />}
    </>
  );
}
