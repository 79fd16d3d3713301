-- Who writes captions, how a reader likes to see them, and finding what was said.

alter table participants add column captioner boolean not null default false;
comment on column participants.captioner is 'named by the host to write captions and to correct them';
create trigger tell_captioner after update of captioner on participants for each row execute function tell();

alter table rooms
  add column chair_id    uuid references accounts on delete set null,
  add column chair_since timestamptz,
  add constraint rooms_chair_since_somebody check (chair_id is null or chair_since is not null);
create index rooms_chair_id on rooms (chair_id);
comment on column rooms.chair_id is 'the captioner who writes instead of the machine, as long as they are there';

alter table accounts add column caption_look jsonb
  constraint accounts_caption_look_small check (jsonb_typeof(caption_look) = 'object' and length(caption_look::text) <= 2000);
comment on column accounts.caption_look is 'how the reader likes captions to look, as the app wrote it';

-- What was said is found by its words as they are, and by their stems in the
-- language of the line where Postgres knows it.

create function said_words(body jsonb) returns tsvector language sql immutable parallel safe as $$
  select case when body ? 'segment' then
    to_tsvector('simple'::regconfig, body->>'text') ||
    to_tsvector(case split_part(body->>'language', '-', 1)
      when 'en' then 'english'::regconfig when 'fr' then 'french'::regconfig when 'de' then 'german'::regconfig
      when 'es' then 'spanish'::regconfig when 'it' then 'italian'::regconfig when 'nl' then 'dutch'::regconfig
      when 'pt' then 'portuguese'::regconfig else 'simple'::regconfig end, body->>'text')
  end
$$;
alter table log_contents add column words tsvector generated always as (said_words(body)) stored;
create index log_contents_words on log_contents using gin (words);
create index log_contents_segment on log_contents (room_id, (body->>'segment')) where body ? 'segment';

---- create above / drop below ----

alter table log_contents drop column words;
drop index log_contents_segment;
drop function said_words;
alter table accounts drop column caption_look;
alter table rooms drop column chair_id, drop column chair_since;
drop trigger tell_captioner on participants;
alter table participants drop column captioner;
