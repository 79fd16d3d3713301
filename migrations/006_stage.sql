-- Powers, entry, moderation, and the log of a room.

alter table rooms
  add column entry        text not null default 'everyone' constraint rooms_entry_known check (entry in ('everyone', 'followers', 'invited')),
  add column who_speaks   text not null default 'everyone' constraint rooms_who_speaks_known check (who_speaks in ('everyone', 'followed', 'invited')),
  add column guests       boolean not null default true,
  add column locked       boolean not null default false,
  add column hands_open   boolean not null default true,
  add column reactions    boolean not null default true,
  add column capacity     integer not null default 2000 constraint rooms_capacity_range check (capacity between 1 and 100000),
  add column max_speakers integer not null default 10 constraint rooms_max_speakers_range check (max_speakers between 1 and 50),
  add column max_cohosts  integer not null default 2 constraint rooms_max_cohosts_range check (max_cohosts between 0 and 10),
  add column heir_id      uuid references accounts on delete set null,
  add column host_away_at timestamptz;

comment on column rooms.capacity is 'people and guests present at once';
comment on column rooms.max_speakers is 'on stage beside the host and the co-hosts';
comment on column rooms.host_away_at is 'since when nobody saw the host; the heir takes over, or the room ends, some time after';

alter table participants
  drop constraint participants_role_known,
  add constraint participants_role_known check (role in ('host', 'cohost', 'speaker', 'listener')),
  add column hard_muted    boolean not null default false,
  add column hand_question text constraint participants_question_length check (char_length(hand_question) between 1 and 280),
  add column removed_until timestamptz,
  add column listed        boolean not null default false,
  add column seen_at       timestamptz,
  add constraint participants_hard_mute_mutes check (muted or not hard_muted),
  add constraint participants_question_needs_a_hand check (hand_question is null or hand_raised_at is not null);

comment on column participants.muted is 'may not publish; the person lifts it alone unless hard_muted';
comment on column participants.removed_until is 'may not come back before';
comment on column participants.listed is 'may enter a room that is for invited people';
comment on column participants.seen_at is 'when the person was last seen connected, by socket or by sound';

create table guests (
  id          uuid primary key,
  room_id     uuid not null references rooms on delete cascade,
  identity    text not null constraint guests_identity_key unique,
  secret_hash bytea not null,
  address     text not null,
  created_at  timestamptz not null default now(),
  seen_at     timestamptz,
  removed_at  timestamptz,
  constraint guests_one_per_browser unique (room_id, secret_hash)
);
create index guests_address on guests (address, created_at);

comment on table guests is 'People who listen and read without an account. Rows are deleted a day after the room ended.';
comment on column guests.secret_hash is 'SHA-256 of the 256 random bits in the guest''s cookie';

create table exclusions (
  room_id    uuid not null references rooms on delete cascade,
  account_id uuid references accounts on delete cascade,
  network    text not null,
  until      timestamptz,
  primary key (room_id, network)
);
comment on table exclusions is 'Networks of people who are kept out of a room, from which nobody comes as a guest. Rows go with the ban.';
comment on column exclusions.until is 'null: as long as the ban lasts';

create table blocks (
  blocker_id uuid not null references accounts on delete cascade,
  blocked_id uuid not null references accounts on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  constraint blocks_not_self check (blocker_id <> blocked_id)
);
create index blocks_blocked_id on blocks (blocked_id);

-- The log.

create table room_logs (
  room_id  uuid primary key references rooms on delete cascade,
  last_seq bigint not null default 0
);
insert into room_logs (room_id) select id from rooms;
comment on table room_logs is 'The head of each room''s log. Whoever appends locks it to the end of their transaction: numbers are dense and committed in order.';

create table log_entries (
  room_id      uuid not null references room_logs on delete cascade,
  seq          bigint not null,
  kind         text not null,
  at           timestamptz not null default now(),
  actor_id     uuid references accounts on delete set null,
  subject_id   uuid references accounts on delete set null,
  withdrawn_at timestamptz,
  primary key (room_id, seq)
);
create index log_entries_actor_id on log_entries (actor_id);
create index log_entries_subject_id on log_entries (subject_id);
comment on table log_entries is 'What happened in a room, in order, for all who may enter. Rows are never changed but for a withdrawal, and go only with their room.';

create table log_contents (
  room_id uuid not null,
  seq     bigint not null,
  body    jsonb not null,
  primary key (room_id, seq),
  foreign key (room_id, seq) references log_entries on delete cascade
);
comment on table log_contents is 'What was written or said, apart from the sequence: a withdrawal deletes the row.';

create function log_stays() returns trigger language plpgsql as $$
begin
  if (new.room_id, new.seq, new.kind, new.at) is distinct from (old.room_id, old.seq, old.kind, old.at) then
    raise exception 'the log of a room is append-only';
  end if;
  return new;
end $$;
create trigger log_stays before update on log_entries for each row execute function log_stays();

-- Moderation.

create table audit (
  id         uuid primary key,
  room_id    uuid references rooms on delete cascade,
  actor_id   uuid references accounts on delete set null,
  subject_id uuid references accounts on delete set null,
  guest_id   uuid,
  action     text not null,
  reason     text constraint audit_reason_length check (char_length(reason) between 1 and 500),
  at         timestamptz not null default now()
);
create index audit_room on audit (room_id, at);
create index audit_subject_id on audit (subject_id, at);
create index audit_actor_id on audit (actor_id, at);
comment on table audit is 'Who used a power, on whom and why. The person concerned may read it.';

create function audit_stays() returns trigger language plpgsql as $$
begin
  if (new.id, new.room_id, new.action, new.reason, new.at) is distinct from (old.id, old.room_id, old.action, old.reason, old.at) then
    raise exception 'the audit is append-only';
  end if;
  return new;
end $$;
create trigger audit_stays before update on audit for each row execute function audit_stays();

create table reports (
  id          uuid primary key,
  room_id     uuid not null references rooms on delete cascade,
  reporter_id uuid references accounts on delete set null,
  subject_id  uuid references accounts on delete set null,
  cause       text not null constraint reports_cause_known check (cause in ('harassment', 'hate', 'spam', 'danger', 'other')),
  note        text constraint reports_note_length check (char_length(note) between 1 and 1000),
  evidence    jsonb not null,
  created_at  timestamptz not null default now(),
  outcome     text constraint reports_outcome_known check (outcome in ('acted', 'dismissed')),
  closed_by   uuid references accounts on delete set null,
  closed_at   timestamptz,
  constraint reports_closed_with_an_outcome check ((outcome is null) = (closed_at is null))
);
create index reports_room on reports (room_id, created_at);
create index reports_reporter_id on reports (reporter_id);
create index reports_subject_id on reports (subject_id);
create unique index reports_one_open on reports (reporter_id, room_id, subject_id) where closed_at is null;
create index reports_open on reports (created_at) where closed_at is null;
comment on column reports.evidence is 'the log of the minute before, as it was then, whatever is withdrawn later';

-- Whoever holds a socket hears of every change that may concern them, by
-- whichever process and path it was made.

create function tell() returns trigger language plpgsql as $$
begin
  case tg_table_name
    when 'log_entries'  then
      perform pg_notify('salon', 'log ' || new.room_id);
      -- What is pinned is also part of what a room looks like.
      if new.kind in ('pin', 'withdrawn') then perform pg_notify('salon', 'room ' || new.room_id); end if;
    when 'rooms'        then perform pg_notify('salon', 'room ' || new.id);
    when 'participants' then perform pg_notify('salon', 'seat ' || new.room_id || ' ' || new.account_id);
    when 'guests'       then perform pg_notify('salon', 'guest ' || new.room_id || ' ' || new.id);
    when 'accounts'     then perform pg_notify('salon', 'account ' || new.id);
    when 'sessions'     then perform pg_notify('salon', 'credential ' || old.id);
    when 'api_tokens'   then perform pg_notify('salon', 'credential ' || old.id);
    when 'blocks'       then perform pg_notify('salon', 'account ' || new.blocked_id);
  end case;
  return null;
end $$;
create trigger tell after insert or update on log_entries for each row execute function tell();
create trigger tell after update on rooms for each row execute function tell();
create trigger tell_new after insert on participants for each row execute function tell();
create trigger tell after update of role, muted, hard_muted, hand_raised_at, hand_question, invited_at, banned_at, removed_until, listed, joined_at
  on participants for each row execute function tell();
create trigger tell_new after insert on guests for each row execute function tell();
create trigger tell after update of removed_at on guests for each row execute function tell();
create trigger tell after update of suspended_at, admin, verified_at on accounts for each row execute function tell();
create trigger tell after delete on sessions for each row execute function tell();
create trigger tell after delete on api_tokens for each row execute function tell();
create trigger tell after insert on blocks for each row execute function tell();

---- create above / drop below ----

drop trigger tell on api_tokens;
drop trigger tell on sessions;
drop trigger tell on accounts;
drop trigger tell on participants;
drop trigger tell_new on participants;
drop trigger tell on rooms;
drop table reports, audit, log_contents, log_entries, room_logs, blocks, exclusions, guests;
drop function tell, log_stays, audit_stays;
update participants set role = 'speaker' where role = 'cohost';
alter table participants
  drop constraint participants_role_known,
  add constraint participants_role_known check (role in ('host', 'speaker', 'listener')),
  drop constraint participants_hard_mute_mutes, drop constraint participants_question_needs_a_hand,
  drop column hard_muted, drop column hand_question, drop column removed_until, drop column listed, drop column seen_at;
alter table rooms drop column entry, drop column who_speaks, drop column guests, drop column locked, drop column hands_open,
  drop column reactions, drop column capacity, drop column max_speakers, drop column max_cohosts, drop column heir_id, drop column host_away_at;
