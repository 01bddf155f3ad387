-- What ingestion found of the files that it placed, so that predictions need not check them again. Owner: pipelines.

create table check_receipts (
  path         text not null,
  digest       text not null,
  contract     text not null,
  rows_digest  text not null,
  row_count    bigint not null,
  checked_at   timestamptz not null default clock_timestamp(),
  primary key (path, digest, contract)
);
comment on table check_receipts is 'Files in good-data that Weir checked and placed: every row of these bytes keeps this contract. Removed once the file is predicted.';
comment on column check_receipts.rows_digest is 'Digest of the good rows as the check wrote them: of the file itself, or of an artifact when the file is in a format of its own.';
