-- A collection removes what a result has outside too: the files that it placed, and its rows in sinks. Owner: engine.

alter table collection_items drop constraint collection_items_kind_check;
alter table collection_items add constraint collection_items_kind_check
  check (kind in ('version', 'blob', 'placed-file', 'rows', 'staged-file', 'attempt-folder', 'bundle'));

comment on column collection_items.token is 'Of a blob: drawn from claim_tokens once its bytes are gone. An attempt with a lower token may have stored it before that, so its commit is refused. Of rows: drawn when their version goes, so that they are removed only while nobody has written there since.';
comment on column collection_items.kept_because is 'Why it stays; while it is being removed, why the last try failed.';
