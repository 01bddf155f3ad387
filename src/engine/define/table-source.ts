import type { Queryable } from '#store';
import { defineSource, type Source, type SourceOptions } from './define-source.ts';
import { EngineError } from './errors.ts';

/** Which rows are the partitions of a source. */
export interface TableSourceOptions extends Pick<SourceOptions, 'name' | 'removalShareMax'> {
  /** Name of a connection of the project's configuration, or a PostgreSQL database itself. */
  readonly connection: string | Queryable;
  /** Table or view, with its schema: `shop.orders`. */
  readonly table: string;
  /** Column whose values, as text, name the partitions. */
  readonly partitionBy: string;
}

/**
 * The rows of a PostgreSQL table as a source, one partition for each value of a column. The content is one JSON object
 * per line, sorted by bytes. The database computes the digests, so listing transfers no rows; it reads the whole table,
 * and a partition must fit into memory.
 */
export function tableSource(options: TableSourceOptions): Source {
  const { name, connection, table, partitionBy, removalShareMax } = options;
  let opened = typeof connection === 'string' ? undefined : connection;
  const database = (): Queryable => {
    if (opened === undefined)
      throw new EngineError(
        'connection_missing',
        `Source ${name} reads connection ${connection}, which nobody opened for it. Name the source in the project.`,
      );
    return opened;
  };
  const rows = `(select ${quote(partitionBy)}::text as name, to_jsonb(t)::text collate "C" as line from ${table.split('.').map(quote).join('.')} t) as rows`;
  const content = `string_agg(line, E'\\n' order by line) || E'\\n'`;
  return defineSource({
    name,
    ...(removalShareMax === undefined ? {} : { removalShareMax }),
    connect: (open) => {
      if (typeof connection === 'string') opened = open(connection);
    },
    list: async () => {
      const partitions = await database().query<{ name: string | null; digest: string }>(
        `select name, encode(sha256(convert_to(${content}, 'UTF8')), 'hex') as digest from ${rows} group by name`,
      );
      return partitions.map(({ name: partition, digest }) => {
        if (partition === null)
          throw new EngineError(
            'partition_invalid',
            `Some rows of ${table} have no ${partitionBy}, so they belong to no partition of source ${name}. Give the source a view without them.`,
          );
        return { name: partition, digest };
      });
    },
    read: async (partition) => {
      const [found] = await database().query<{ content: string | null }>(
        `select ${content} as content from ${rows} where name = $1`,
        [partition],
      );
      if (found === undefined || found.content === null)
        throw new EngineError(
          'partition_invalid',
          `No row of ${table} has ${JSON.stringify(partition)} as its ${partitionBy}.`,
        );
      return Buffer.from(found.content);
    },
  });
}

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
