import { notifications } from '@mantine/notifications';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Answer } from '../../client.ts';

type Started = Answer<'startRun'>;

/** Starts a run and shows it; `refusal` is the title of the error. */
export function useStartedRun(ask: () => Promise<Started>, refusal: string): UseMutationResult<Started, Error, void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ask,
    onSuccess: ({ runId }) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      void navigate({ to: '/runs/$id', params: { id: runId } });
    },
    onError: (error) => notifications.show({ color: 'red', title: refusal, message: error.message }),
  });
}
