import { notifications } from '@mantine/notifications';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';

interface ChangeOptions<T> {
  readonly send: (change: T) => Promise<unknown>;
  /** Title of the error: `bad-rows was not muted`. */
  readonly refusal: string;
  readonly onDone: () => void;
}

/** Sends a change of an alert rule and loads the rules again. */
export function useRuleChange<T>({ send, refusal, onDone }: ChangeOptions<T>): UseMutationResult<unknown, Error, T> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: onDone,
    onError: (error) => notifications.show({ color: 'red', title: refusal, message: error.message }),
    // Also after a refusal: another user was faster, and the page shows an old state.
    onSettled: () => void queries.invalidateQueries({ queryKey: ['alert-rules'] }),
  });
}
