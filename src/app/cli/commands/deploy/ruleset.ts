/** A ruleset of GitHub: the default branch changes only by a reviewed pull request whose checks have passed. */
export function ruleset(): string {
  return `${JSON.stringify(
    {
      name: 'main only by reviewed pull request',
      target: 'branch',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      bypass_actors: [],
      rules: [
        { type: 'deletion' },
        { type: 'non_fast_forward' },
        {
          type: 'pull_request',
          parameters: {
            required_approving_review_count: 1,
            dismiss_stale_reviews_on_push: true,
            require_code_owner_review: false,
            require_last_push_approval: true,
            required_review_thread_resolution: true,
          },
        },
        {
          type: 'required_status_checks',
          parameters: {
            strict_required_status_checks_policy: true,
            do_not_enforce_on_create: false,
            // Names of jobs of the workflow "test".
            required_status_checks: [{ context: 'test' }, { context: 'image' }],
          },
        },
      ],
    },
    undefined,
    2,
  )}\n`;
}
