-- What a seat is sold as and what was promised with it, and the orders of one
-- person or offer found without reading all there ever were.

alter table orders
  add column kind text not null default 'ticket' constraint orders_kind_known check (kind in ('ticket')),
  add column refund_hours integer;
comment on column orders.kind is 'what is sold; the ledger''s transactions are of what their order is of';
comment on column orders.refund_hours is 'of the offer when the seat was held';
update orders o set refund_hours = f.refund_hours from offers f where f.id = o.offer_id and o.state in ('held', 'paying');

create index orders_account on orders (account_id) where state in ('paid', 'refunding', 'refunded', 'disputed');
create index stripe_calls_subject on stripe_calls (subject);

-- Sums over a whole ledger for one room's statement.
drop view room_cuts, room_statements;

---- create above / drop below ----

create view room_statements as
  select f.room_id, s.currency, count(*) as orders, sum(gross)::bigint as gross, sum(refunded)::bigint as refunded, sum(s.cut)::bigint as cut,
         sum(processing)::bigint as processing, sum(absorbed)::bigint as absorbed, sum(net)::bigint as net
  from order_statements s join orders o on o.id = s.order_id join offers f on f.id = o.offer_id
  where f.room_id is not null group by f.room_id, s.currency;

create view room_cuts as
  select f.room_id, e.currency, e.tier, sum(e.amount)::bigint as cut
  from ledger_entries e join orders o on o.id = e.order_id join offers f on f.id = o.offer_id
  where f.room_id is not null and e.account = 'cut' group by f.room_id, e.currency, e.tier;
comment on view room_cuts is 'the cut of room_statements, tier by tier; tier 0 is the fixed part and what the minimum adds';

drop index stripe_calls_subject;
drop index orders_account;
alter table orders drop column refund_hours, drop column kind;
