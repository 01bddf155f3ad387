import type { TaskOutput } from '#api';

/** The name under which a browser saves an output; a blob has none of its own. */
export function fileNameOf({ name, kind, path, preview }: TaskOutput, task: string): string {
  if (path !== null) return path.split(/[/\\]/).at(-1) ?? name;
  return `${task}-${name}${kind === 'value' ? '.json' : extensionOf(preview)}`;
}

function extensionOf(preview: TaskOutput['preview']): string {
  switch (preview?.kind) {
    case 'json':
      return '.json';
    case 'text':
      return '.txt';
    case 'table':
      return `.${preview.format}`;
    case 'image':
      return preview.mediaType === 'image/svg+xml' ? '.svg' : `.${preview.mediaType.slice('image/'.length)}`;
    default:
      return '';
  }
}

const LINES_SHOWN = 14;
/** A fold that hides a line or two is longer than what it hides. */
const LINES_HIDDEN_MIN = 4;

/** The first lines of a long text, and how many lines are hidden. */
export function foldText(text: string): { readonly text: string; readonly hidden: number } {
  const lines = text.split('\n');
  const hidden = lines.length - LINES_SHOWN;
  return hidden < LINES_HIDDEN_MIN ? { text, hidden: 0 } : { text: lines.slice(0, LINES_SHOWN).join('\n'), hidden };
}
