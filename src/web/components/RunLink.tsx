import { Link } from '@tanstack/react-router';
import { NOTHING } from '../format.ts';

/** Leads to a run with its log; a dash where it is not on record. */
export function RunLink({ runId }: { readonly runId: string | null }) {
  if (runId === null) return <span>{NOTHING}</span>;
  return (
    <Link
      to="/runs/$id"
      params={{ id: runId }}
      className="row-link nowrap"
      title="The run and its log"
      onClick={(event) => event.stopPropagation()}
    >
      run {runId}
    </Link>
  );
}
