import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { describeOutput, type OutputLink, type OutputPreview, reportPath, type TaskOutput } from '#api';
import { RecordTable } from '../../components/RecordTable.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { toBytesText } from '../../format.ts';
import { fileNameOf, foldText } from './output-file.ts';

interface OutputCardProps {
  readonly output: TaskOutput;
  readonly task: string;
}

/** One output: what it is, where it leads, and its preview. */
export function OutputCard({ output, task }: OutputCardProps) {
  return (
    <Stack gap={8} className="output">
      <Group gap="sm" justify="space-between">
        <Group gap="xs">
          <Text size="sm" fw={600} className="break">
            {output.name}
          </Text>
          <Text size="sm" c="dimmed">
            {describeOutput(output, toBytesText(output.sizeBytes))}
          </Text>
          <ShortId value={output.digest} />
        </Group>
        <Group gap="sm">
          {output.links.map((link) => (
            <RecordLink key={link.kind} link={link} />
          ))}
          {output.contentUrl === null ? null : (
            <a href={output.contentUrl} download={fileNameOf(output, task)} className="text-link">
              <IconDownload size={14} /> Download
            </a>
          )}
        </Group>
      </Group>
      {output.path === null ? null : (
        <Text size="sm" className="mono break">
          {output.path}
        </Text>
      )}
      {output.preview === null ? null : <Preview preview={output.preview} output={output} />}
    </Stack>
  );
}

function Preview({ preview, output }: { readonly preview: OutputPreview; readonly output: TaskOutput }) {
  switch (preview.kind) {
    case 'json':
    case 'text':
      return <FoldedText label={`Content of ${output.name}`} {...preview} />;
    case 'image':
      return <img className="output-image" src={output.contentUrl ?? ''} alt={output.name} />;
    case 'table':
      return <RowsPreview label={`First rows of ${output.name}`} preview={preview} />;
    case 'none':
      return null;
    default:
      return preview satisfies never;
  }
}

interface FoldedTextProps {
  readonly label: string;
  readonly text: string;
  readonly isCut: boolean;
}

/** Text whose first lines are shown until somebody asks for the others. */
function FoldedText({ label, text, isCut }: FoldedTextProps) {
  const [isOpen, setOpen] = useState(false);
  const folded = foldText(text);
  const shown = isOpen ? text : folded.text;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot move it (WCAG 2.1.1). */}
      <section className="log" tabIndex={0} aria-label={label}>
        {shown}
      </section>
      {folded.hidden === 0 ? null : (
        <Anchor component="button" size="sm" className="text-link" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show ${folded.hidden} more lines`}
        </Anchor>
      )}
      {isCut ? (
        <Text size="xs" c="dimmed">
          There is more; the download has all of it.
        </Text>
      ) : null}
    </>
  );
}

function RowsPreview({
  label,
  preview,
}: {
  readonly label: string;
  readonly preview: Extract<OutputPreview, { kind: 'table' }>;
}) {
  const records = preview.rows.map((cells, index) => ({ cells, index }));
  return (
    <RecordTable
      name={label}
      label={label}
      columns={preview.columns.map((name, at) => ({
        key: `${at}`,
        title: name,
        render: ({ cells }: (typeof records)[number]) => <span className="nowrap tabular">{cells[at]}</span>,
      }))}
      records={records}
      toKey={({ index }) => String(index)}
    />
  );
}

/** Where the record is shown. */
function RecordLink({ link: { kind, id } }: { readonly link: OutputLink }) {
  switch (kind) {
    case 'check':
      return (
        <Link to="/data" search={id === null ? {} : { check: id }} className="text-link">
          Check
        </Link>
      );
    case 'report':
      return (
        <a href={reportPath(id ?? '')} target="_blank" rel="noreferrer" className="text-link">
          Report <IconExternalLink size={14} />
        </a>
      );
    case 'dataset':
      return (
        <Link to="/models" className="text-link">
          Dataset {id}
        </Link>
      );
    case 'model':
      return (
        <Link to="/models" className="text-link">
          Model version {id}
        </Link>
      );
    case 'alerts':
      return (
        <Link to="/alerts" className="text-link">
          Alerts
        </Link>
      );
    case 'predictions':
      return (
        <Link to="/past-predictions" className="text-link">
          Past predictions
        </Link>
      );
    default:
      return kind satisfies never;
  }
}
