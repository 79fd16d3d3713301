-- Rooms with paid tickets that never start, and hints of Stripe's that are old.

alter table alarms
  drop constraint alarms_kind_known,
  add constraint alarms_kind_known check
    (kind in ('unmatched', 'mismatch', 'refund-failed', 'refund-refused', 'outside-refund', 'dispute', 'absorbed', 'not-started'));

create index stripe_events_applied on stripe_events (applied_at) where applied_at is not null;

---- create above / drop below ----

drop index stripe_events_applied;
delete from alarms where kind = 'not-started';
alter table alarms
  drop constraint alarms_kind_known,
  add constraint alarms_kind_known check
    (kind in ('unmatched', 'mismatch', 'refund-failed', 'refund-refused', 'outside-refund', 'dispute', 'absorbed'));
