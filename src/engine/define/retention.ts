/** How long results of a task are kept, whether or not something newer replaced them; for intermediate ones that are cheap to make again. */
export interface Retention {
  /** Days since the commit. */
  readonly ageDaysMax?: number;
  /** Newest versions of each goal. */
  readonly versionsMax?: number;
}
