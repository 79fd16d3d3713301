-- When a room is to start, that it was called off, and who owns the server.

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

---- create above / drop below ----

alter table accounts drop column owner;
alter table rooms drop column starts_at, drop column cancelled_at, drop column revision;
