-- When a room is to start, that it was called off, who owns the server, and
-- which people are only for show.

alter table rooms
  add column starts_at    timestamptz,
  add column cancelled_at timestamptz,
  add column revision     integer not null default 0,
  add constraint rooms_cancelled_before_start check (cancelled_at is null or started_at is null);

create index rooms_upcoming on rooms (starts_at) where started_at is null and cancelled_at is null;

comment on column rooms.starts_at is 'announced time; null when the host starts it when they like';
comment on column rooms.revision is 'counts what was announced anew, for calendars (RFC 5545 SEQUENCE)';

alter table accounts add column owner boolean not null default false;
create unique index accounts_one_owner on accounts (owner) where owner;

comment on column accounts.owner is 'whoever runs this server: always passes the host gate';

create table owner_links (
  secret_hash bytea primary key,
  created_at  timestamptz not null default now()
);
comment on table owner_links is 'the link printed at the start while nobody owns this server; each start makes a new one';

alter table accounts add column demo boolean not null default false;
comment on column accounts.demo is 'made up by salon dev, removed by one tap';

create table flags (
  name   text primary key,
  set_at timestamptz not null default now()
);
comment on table flags is 'what this server did once and must not do again';

---- create above / drop below ----

drop table flags, owner_links;
alter table accounts drop column owner, drop column demo;
alter table rooms drop column starts_at, drop column cancelled_at, drop column revision;
