/** The embedded PostgreSQL cannot be started here, with the reason and the way out. */
export class EmbeddedPostgresError extends Error {
  override readonly name: string = 'EmbeddedPostgresError';
}
