import { IconArrowRight, IconFileSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Check } from '#api';
import { FileName } from '../../components/FileName.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { ShareBar } from '../../components/ShareBar.tsx';
import { VerdictBadge } from '../../components/states.tsx';
import { TimeBelow } from '../../components/TimeBelow.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { latestChecksQuery } from '../../queries.ts';

const SHOWN = 6;
const COLUMNS: readonly RecordColumn<Check>[] = [
  {
    key: 'file',
    title: 'File',
    value: ({ file }) => file,
    render: (check) => (
      <>
        <Link to="/data" search={{ check: check.id }} className="row-link">
          <FileName name={check.file} />
        </Link>
        <TimeBelow time={check.checkedAt} />
      </>
    ),
  },
  {
    key: 'verdict',
    title: 'Verdict',
    value: ({ verdict }) => verdict,
    render: (check) => <VerdictBadge verdict={check.verdict} />,
  },
  {
    key: 'rows',
    title: 'Rows',
    value: ({ rows }) => rows.in,
    visibleFrom: 'sm',
    render: (check) => <ShareBar rows={check.rows} verdict={check.verdict} />,
  },
  {
    key: 'time',
    title: 'Checked',
    value: ({ checkedAt }) => checkedAt,
    align: 'right',
    visibleFrom: 'sm',
    render: (check) => <TimeText time={check.checkedAt} />,
  },
];

/** The files checked last. */
export function LatestFiles() {
  return (
    <Section
      title="Last files"
      aside={
        <Link to="/data" className="text-link">
          All files <IconArrowRight size={14} />
        </Link>
      }
    >
      <Files />
    </Section>
  );
}

function Files() {
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(latestChecksQuery(10));
  if (data === undefined) {
    return error === null ? (
      <LoadingRows rows={SHOWN} />
    ) : (
      <Failed what="The files" error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.items.length === 0) {
    return (
      <Empty icon={<IconFileSearch size={22} />} title="No file has been checked yet">
        Files that arrive in the raw-data folder are checked one a run by the ingest pipeline and appear here.
      </Empty>
    );
  }
  return (
    <RecordTable
      name="files"
      label="Last files"
      columns={COLUMNS}
      records={data.items.slice(0, SHOWN)}
      toKey={({ id }) => id}
      onOpen={(check) => void navigate({ to: '/data', search: { check: check.id } })}
    />
  );
}
