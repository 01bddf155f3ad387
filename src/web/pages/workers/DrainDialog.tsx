import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Worker } from '#api';
import { BY } from '../../by-whom.ts';
import { call } from '../../client.ts';
import { ReasonDialog } from '../../components/ReasonDialog.tsx';

interface DrainDialogProps {
  readonly worker: Worker;
  readonly onClose: () => void;
}

/** Asks why a worker is drained, and says what happens to what it runs. */
export function DrainDialog({ worker: { id, name, running }, onClose }: DrainDialogProps) {
  const queries = useQueryClient();
  const drain = useMutation({
    mutationFn: (reason: string) => call('drainWorker', { params: { worker: id }, body: { reason, by: BY } }),
    onSuccess: onClose,
    onSettled: () => void queries.invalidateQueries({ queryKey: ['workers'] }),
  });
  const busy = running.length === 0 ? 'It runs nothing, so it ends at once.' : 'What it runs now goes on to its end.';
  return (
    <ReasonDialog
      title={`Drain ${name}`}
      effect={`The worker takes nothing new, and its process ends when it has nothing left to do. ${busy}`}
      action="Drain it"
      isPending={drain.isPending}
      problem={drain.error?.message}
      onConfirm={(reason) => drain.mutate(reason)}
      onClose={onClose}
    />
  );
}
