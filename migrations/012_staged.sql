-- Whoever was on stage needs no ticket to stay and listen.

alter table participants add column staged boolean not null default false;
comment on column participants.staged is 'was on stage in this room';
update participants set staged = true where role <> 'listener' and joined_at is not null;

create function stage_stays() returns trigger language plpgsql as $$
begin
  new.staged := true;
  return new;
end $$;
create trigger stage_stays before insert or update of role, joined_at on participants for each row
  when (new.role <> 'listener' and new.joined_at is not null) execute function stage_stays();

---- create above / drop below ----

drop trigger stage_stays on participants;
drop function stage_stays;
alter table participants drop column staged;
