-- Proof of mail addresses, ways in by mail, and who may sign up.

alter table accounts add column verified_at timestamptz;
comment on column accounts.verified_at is 'when a link mailed to the address was first opened; null: the address is only claimed';

create table mail_tokens (
  id          uuid primary key,
  account_id  uuid not null references accounts on delete cascade,
  purpose     text not null constraint mail_tokens_purpose_known check (purpose in ('verify', 'reset', 'magic')),
  email       text not null,
  secret_hash bytea not null constraint mail_tokens_secret_hash_key unique,
  expires_at  timestamptz not null,
  used_at     timestamptz,
  created_at  timestamptz not null default now()
);
create index mail_tokens_account_id on mail_tokens (account_id, purpose, created_at);
comment on column mail_tokens.secret_hash is 'SHA-256 of the 256 random bits in the mailed link';
comment on column mail_tokens.email is 'where the link went: it proves this address and no later one';

create table invitations (
  id         uuid primary key,
  code_hash  bytea not null constraint invitations_code_hash_key unique,
  created_by uuid references accounts on delete set null,
  email      text,
  used_by    uuid references accounts on delete set null,
  used_at    timestamptz,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint invitations_used_with_a_time check (used_by is null or used_at is not null)
);
comment on column invitations.email is 'the only address it may be used for; null: any';

create table outbox (
  id         uuid primary key,
  recipient  text not null,
  subject    text not null,
  text       text not null,
  created_at timestamptz not null default now()
);
create index outbox_created_at on outbox (created_at);
comment on table outbox is 'Mails of a server that sends none: they are read on its own pages, in development.';

---- create above / drop below ----

drop table outbox, invitations, mail_tokens;
alter table accounts drop column verified_at;
