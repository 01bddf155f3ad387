-- Who may use Weir over a network: people, and programs with an API key. Owner: access.

create table users (
  id            bigint generated always as identity primary key,
  name          text not null,
  email         text,
  role          text not null check (role in ('viewer', 'operator', 'admin')),
  password_hash text,
  oidc_subject  text unique,
  created_at    timestamptz not null default now(),
  disabled_at   timestamptz
);
create unique index users_by_name on users (lower(name));
comment on table users is 'People who log in, by a password or by an identity provider. A disabled one keeps its name, because records hold it.';

create table api_keys (
  id           bigint generated always as identity primary key,
  prefix       text not null unique,
  name         text not null,
  role         text not null check (role in ('viewer', 'operator', 'admin')),
  digest       bytea not null check (length(digest) = 32),
  created_at   timestamptz not null default now(),
  created_by   text not null,
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  revoked_by   text,
  check ((revoked_at is null) = (revoked_by is null))
);
comment on table api_keys is 'Keys of programs. The key itself is not stored: digest is the SHA-256 of its 256 random bits.';
comment on column api_keys.prefix is 'The part of a key by which people tell it from others; it is no secret.';
comment on column api_keys.last_used_at is 'To the minute.';

create table setup_tokens (
  digest     bytea primary key check (length(digest) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
comment on table setup_tokens is 'Tokens of the links with which a first admin chooses a password. A token works once; digest is its SHA-256.';
