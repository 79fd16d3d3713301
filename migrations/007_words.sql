-- How long what was said is kept.

alter table rooms
  add column keep_words text not null default 'days' constraint rooms_keep_words_known check (keep_words in ('live', 'days', 'public')),
  add column keep_days  integer not null default 30 constraint rooms_keep_days_range check (keep_days between 1 and 3650);

comment on column rooms.keep_words is 'live: not beyond the room; days: for who was there, that many; public: for everyone, for good';

---- create above / drop below ----

alter table rooms drop column keep_words, drop column keep_days;
