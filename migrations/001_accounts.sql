-- People, the ways they prove who they are, and who follows whom.

create table accounts (
  id            uuid primary key,
  handle        text not null constraint accounts_handle_format check (handle ~ '^[a-z0-9_]{2,30}$'),
  display_name  text not null constraint accounts_display_name_length check (char_length(display_name) between 1 and 60),
  email         text not null constraint accounts_email_length check (char_length(email) between 3 and 254),
  password_hash text not null,
  language      text not null default 'en' constraint accounts_language_known check (language in ('en', 'fr')),
  time_zone     text not null default 'UTC',
  admin         boolean not null default false,
  suspended_at  timestamptz,
  created_at    timestamptz not null default now()
);
create unique index accounts_handle_key on accounts (handle);
create unique index accounts_email_key on accounts (lower(email));

comment on column accounts.password_hash is 'argon2id in PHC string format';
comment on column accounts.time_zone is 'IANA name; sentences that name a time use it';

create table sessions (
  id           uuid primary key,
  account_id   uuid not null references accounts on delete cascade,
  token_hash   bytea not null constraint sessions_token_hash_key unique,
  device       text not null,
  address      text not null,
  created_at   timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at   timestamptz not null
);
create index sessions_account_id on sessions (account_id);

comment on table sessions is 'One row per signed-in device. Revoking deletes the row, so nothing can bring it back.';
comment on column sessions.token_hash is 'SHA-256 of the 256 random bits in the cookie';

create table api_tokens (
  id           uuid primary key,
  account_id   uuid not null references accounts on delete cascade,
  name         text not null constraint api_tokens_name_length check (char_length(name) between 1 and 60),
  secret_hash  bytea not null constraint api_tokens_secret_hash_key unique,
  scopes       text[] not null,
  bot          boolean not null default false,
  created_at   timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at   timestamptz not null
);
create index api_tokens_account_id on api_tokens (account_id);

comment on column api_tokens.bot is 'whoever acts with this token is shown as a machine';

create table follows (
  follower_id         uuid not null references accounts on delete cascade,
  followee_id         uuid not null references accounts on delete cascade,
  follower_created_at timestamptz not null,
  created_at          timestamptz not null default now(),
  primary key (followee_id, follower_id),
  constraint follows_not_self check (follower_id <> followee_id)
);
create index follows_age on follows (followee_id, follower_created_at);
create index follows_follower_id on follows (follower_id);

comment on column follows.follower_created_at is
  'copy of accounts.created_at, which never changes: counts are sums over one index, right under any concurrency';

---- create above / drop below ----

drop table follows, api_tokens, sessions, accounts;
