-- The host gate, rooms and the people in them.

create table gate_rules (
  id         uuid primary key,
  paths      jsonb not null,
  set_by     uuid references accounts on delete set null,
  created_at timestamptz not null default now()
);
comment on table gate_rules is 'Who may host. Append-only; the newest row holds. Paths are joined by OR.';

create table gate_decisions (
  id         uuid primary key,
  account_id uuid not null references accounts on delete cascade,
  purpose    text not null constraint gate_decisions_purpose_known check (purpose in ('host', 'vouch')),
  snapshot   jsonb not null,
  passed     boolean not null,
  decided_at timestamptz not null default now()
);
create index gate_decisions_account_id on gate_decisions (account_id, decided_at);
comment on column gate_decisions.snapshot is 'everything the pure decision looked at, rules included: the same input gives the same answer years later';

create table vouches (
  candidate_id uuid not null references accounts on delete cascade,
  voucher_id   uuid not null references accounts on delete cascade,
  decision_id  uuid not null references gate_decisions,
  created_at   timestamptz not null default now(),
  primary key (candidate_id, voucher_id),
  constraint vouches_not_self check (candidate_id <> voucher_id)
);
create index vouches_voucher_id on vouches (voucher_id);
comment on column vouches.decision_id is 'the decision that found the voucher eligible when they vouched';

create table host_permissions (
  account_id uuid primary key references accounts on delete cascade,
  granted_by uuid references accounts on delete set null,
  created_at timestamptz not null default now()
);

create table rooms (
  id               uuid primary key,
  host_id          uuid not null references accounts on delete cascade,
  title            text not null constraint rooms_title_length check (char_length(title) between 1 and 120),
  topics           text[] not null default '{}' constraint rooms_topics_count check (cardinality(topics) <= 3),
  language         text not null,
  gate_decision_id uuid not null references gate_decisions,
  run              text constraint rooms_run_key unique,
  created_at       timestamptz not null default now(),
  started_at       timestamptz,
  ended_at         timestamptz,
  constraint rooms_run_when_started check ((run is null) = (started_at is null)),
  constraint rooms_ended_after_start check (ended_at is null or started_at is not null)
);
create index rooms_live on rooms (started_at) where started_at is not null and ended_at is null;
create index rooms_host_id on rooms (host_id, created_at);
comment on column rooms.run is 'name of the LiveKit room: 128 random bits per run, so that it cannot be guessed or come back to life';

create table participants (
  room_id        uuid not null references rooms on delete cascade,
  account_id     uuid not null references accounts on delete cascade,
  identity       text not null constraint participants_identity_key unique,
  role           text not null constraint participants_role_known check (role in ('host', 'speaker', 'listener')),
  muted          boolean not null default false,
  bot            boolean not null default false,
  hand_raised_at timestamptz,
  invited_at     timestamptz,
  banned_at      timestamptz,
  joined_at      timestamptz,
  primary key (room_id, account_id),
  constraint participants_hand_is_a_listeners check (hand_raised_at is null or role = 'listener'),
  constraint participants_invited_is_a_listener check (invited_at is null or role = 'listener'),
  constraint participants_host_not_banned check (banned_at is null or role = 'listener')
);
create unique index participants_one_host on participants (room_id) where role = 'host';
create index participants_account_id on participants (account_id);
comment on column participants.identity is 'LiveKit identity: random per account and run, says nothing about the person';
comment on column participants.muted is 'hard mute by the host: may not publish until it is lifted';

create table leases (
  name       text primary key,
  holder     text not null,
  expires_at timestamptz not null
);
comment on table leases is 'Which process does a job that only one may do at a time. Expiry is the database''s clock.';

---- create above / drop below ----

drop table leases, participants, rooms, host_permissions, vouches, gate_decisions, gate_rules;
