-- What sources remember of their partitions, so that listing need not read what did not change. Owner: engine.

create table source_memos (
  source text not null,
  name   text not null,
  digest text not null,
  memo   text not null,
  primary key (source, name)
);
comment on table source_memos is 'May be deleted at any time: what is missing is read again.';
comment on column source_memos.memo is 'Says that the content still has this digest, in words of the source: of a file its device, inode, size and times.';
