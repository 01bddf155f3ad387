-- Sessions of users, and what their logins need. Owner: access.

alter table users
  drop constraint users_oidc_subject_key,
  add column oidc_issuer text,
  add column last_login_at timestamptz,
  add constraint users_oidc_subject_key unique (oidc_issuer, oidc_subject),
  add check ((oidc_issuer is null) = (oidc_subject is null));
comment on column users.password_hash is 'Of scrypt, with its cost. Null for a user who has not set a password yet, or who logs in at an identity provider.';
comment on column users.oidc_subject is 'Which person it is at the identity provider oidc_issuer; names and mail addresses can pass to somebody else.';
create index users_in_order on users (created_at, id);

alter table setup_tokens add column user_id bigint references users (id) on delete cascade;
comment on column setup_tokens.user_id is 'Whose password it sets; null for the link of the first start, which creates an admin.';
create index setup_tokens_by_user on setup_tokens (user_id);

create table sessions (
  id         bigint generated always as identity primary key,
  digest     bytea not null unique check (length(digest) = 32),
  user_id    bigint not null references users (id) on delete cascade,
  role       text not null,
  method     text not null check (method in ('password', 'oidc', 'link')),
  address    text not null,
  browser    text not null,
  created_at timestamptz not null,
  seen_at    timestamptz not null,
  ends_at    timestamptz not null
);
create index sessions_by_user on sessions (user_id, created_at);
create index sessions_by_end on sessions (ends_at);
comment on table sessions is 'Sessions of users. The cookie is not stored: digest is the SHA-256 of its 256 random bits.';
comment on column sessions.role is 'The role of the user when it began. A session counts only while the user has the same, so that another role begins with another session.';
comment on column sessions.seen_at is 'The last request, to the minute.';
