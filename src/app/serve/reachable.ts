import { connect } from '#store';
import { UsageError } from '../project/errors.ts';

/** Throws, without the password, when the database of the settings cannot be reached. */
export async function assertReachable(url: string): Promise<void> {
  const database = connect({ url, poolSize: 1 });
  try {
    await database.query('select 1');
  } catch (cause) {
    const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '', pathname: '' };
    const where = host === '' ? 'of database.url' : `${pathname.slice(1)} at ${host}`;
    throw new UsageError(
      `Could not use the database ${where} (${reasonOf(cause)}). Correct DATABASE_URL (postgres://<user>:<password>@<host>:<port>/<database>), or unset it for an embedded PostgreSQL.`,
      { cause },
    );
  } finally {
    await database.close();
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}
