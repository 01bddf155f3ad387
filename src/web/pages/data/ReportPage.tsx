import { Button, Card, Stack, useComputedColorScheme } from '@mantine/core';
import { IconArrowLeft, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { type CheckDetail, reportFilePath } from '#api';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { checkQuery } from '../../queries.ts';
import { CheckedParts } from './CheckedParts.tsx';

const route = getRouteApi('/reports/$id');

/** The report of a checked file, within the product: the same page that can be saved and sent. */
export function ReportPage() {
  const { id } = route.useParams();
  const { data: check, error, refetch } = useQuery(checkQuery(id));
  return (
    <>
      <Link to="/data" search={{ check: id }} className="text-link">
        <IconArrowLeft size={14} /> Checked files
      </Link>
      <Stack mt={6} gap="md">
        {check !== undefined ? (
          <Report check={check} />
        ) : (
          <>
            <PageHeader title="Report" />
            {error === null ? (
              <LoadingRows rows={8} height={40} />
            ) : (
              <Failed what="The report" error={error} onRetry={() => void refetch()} />
            )}
          </>
        )}
      </Stack>
    </>
  );
}

function Report({ check }: { readonly check: CheckDetail }) {
  if (check.reportUrl === null) {
    return (
      <>
        <PageHeader title="Report" />
        <Failed what="The report" error={new Error('It was never written, or it was cleaned up.')} />
      </>
    );
  }
  return (
    <>
      <PageHeader
        title="Report"
        actions={
          <Button
            component="a"
            variant="default"
            href={reportFilePath(check.id)}
            download={`report of ${check.file}.html`}
            leftSection={<IconDownload size={16} />}
          >
            Save as HTML
          </Button>
        }
      >
        {check.file}
      </PageHeader>
      {check.parts.length === 0 ? null : (
        <Card>
          <CheckedParts check={check} />
        </Card>
      )}
      <ReportFrame check={check} />
    </>
  );
}

const HEIGHT_FIRST = 800;

/** The report runs no script; the frame is as high as its content, so that only the page scrolls. */
function ReportFrame({ check }: { readonly check: CheckDetail }) {
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(HEIGHT_FIRST);
  const [observer] = useState(
    () => new ResizeObserver(([entry]) => setHeight(Math.ceil(entry?.borderBoxSize[0]?.blockSize ?? HEIGHT_FIRST))),
  );
  useEffect(() => () => observer.disconnect(), [observer]);
  const observe = () => {
    observer.disconnect();
    const body = frame.current?.contentDocument?.body;
    if (body !== undefined && body !== null) observer.observe(body);
  };
  return (
    <iframe
      ref={frame}
      title={`Report of ${check.file}`}
      src={`${reportFilePath(check.id)}?scheme=${scheme}`}
      sandbox="allow-same-origin"
      className="report-frame"
      height={height}
      onLoad={observe}
    />
  );
}
