import type { DatabaseConnection } from '#api';

/** How to connect to a database that is not there. */
export const madeUpDatabase: DatabaseConnection = {
  ...{ host: '127.0.0.1', port: 25_758, name: 'weir', user: 'weir', passwordFile: '.weir/postgres/password' },
  psql: 'PGPASSWORD="$(cat .weir/postgres/password)" psql -h 127.0.0.1 -p 25758 -U weir weir',
  duckdb: "ATTACH 'host=127.0.0.1 port=25758 dbname=weir user=weir' AS weir (TYPE postgres, READ_ONLY, SCHEMA 'weir')",
  tables: [
    { name: 'weir.predictions', description: 'One row for each prediction' },
    { name: 'weir.checks', description: 'One row for each checked file' },
  ],
};
