-- Who wants to be told when they may host.

create table gate_watches (
  account_id uuid primary key references accounts on delete cascade,
  created_at timestamptz not null default now(),
  checked_at timestamptz not null default now(),
  passed_at  timestamptz
);
create index gate_watches_due on gate_watches (checked_at) where passed_at is null;

comment on column gate_watches.passed_at is 'when the gate opened and the person was told; the row stays until they have seen it';

---- create above / drop below ----

drop table gate_watches;
