-- Selling seats: offers, orders, tickets, refunds, and a ledger of every cent.
-- Amounts are in minor units of their currency. Rows of money outlive the
-- people and rooms they speak of.

create table payout_accounts (
  account_id uuid primary key references accounts on delete cascade,
  stripe_id  text not null constraint payout_accounts_stripe_id_key unique,
  created_at timestamptz not null default now()
);
comment on table payout_accounts is 'Where a host is paid. What Stripe lets the account do is asked each time and never kept.';

create table offers (
  id            uuid primary key,
  room_id       uuid constraint offers_one_per_room unique references rooms on delete set null,
  host_id       uuid references accounts on delete set null,
  payout_id     text,
  price         bigint not null constraint offers_price_range check (price between 0 and 99999999),
  currency      text not null constraint offers_currency_format check (currency ~ '^[a-z]{3}$'),
  tax_bp        integer not null default 0 constraint offers_tax_range check (tax_bp between 0 and 5000),
  cap           integer not null constraint offers_cap_range check (cap between 1 and 100000),
  taken         integer not null default 0,
  opens_at      timestamptz,
  closes_at     timestamptz,
  refund_hours  integer constraint offers_refund_hours_range check (refund_hours between 0 and 8760),
  created_at    timestamptz not null default now(),
  cancelled_at  timestamptz,
  constraint offers_never_oversold check (taken between 0 and cap),
  constraint offers_paid_out_somewhere check (price = 0 or payout_id is not null),
  constraint offers_closes_after_opening check (closes_at > opens_at)
) with (fillfactor = 50);
create index offers_host_id on offers (host_id);
create index offers_cancelled on offers (cancelled_at) where cancelled_at is not null;

comment on table offers is 'A room''s seats for sale. Whoever changes taken locks the row first and the order after it.';
comment on column offers.host_id is 'who sells, and who is paid';
comment on column offers.taken is 'orders of this offer that are held, paying or paid';
comment on column offers.tax_bp is 'tax inside the price, in hundredths of a percent of the price without it';
comment on column offers.refund_hours is 'a buyer gets everything back until so many hours before the start; null: never by themselves';

create table orders (
  id            uuid primary key,
  offer_id      uuid references offers,
  account_id    uuid references accounts on delete set null,
  state         text not null default 'held' constraint orders_state_known check
                  (state in ('held', 'paying', 'paid', 'expired', 'cancelled', 'failed', 'refunding', 'refunded', 'disputed')),
  price         bigint not null constraint orders_price_range check (price between 0 and 99999999),
  currency      text not null,
  complimentary boolean not null default false,
  address       text,
  held_at       timestamptz not null default now(),
  expires_at    timestamptz not null,
  extended      boolean not null default false,
  closed_at     timestamptz,
  constraint orders_closed_with_a_time check ((closed_at is null) = (state in ('held', 'paying', 'paid', 'refunding'))),
  constraint orders_unmatched_go_back check (offer_id is not null or state in ('refunding', 'refunded', 'disputed')),
  constraint orders_address_while_waiting check (address is null or state in ('held', 'paying')),
  constraint orders_complimentary_is_free check (price = 0 or not complimentary)
) with (fillfactor = 80);
create unique index orders_one_seat on orders (account_id, offer_id) where state in ('held', 'paying', 'paid');
create index orders_waiting on orders (offer_id, expires_at) where state in ('held', 'paying');
create index orders_address on orders (address) where address is not null;
create index orders_offer_id on orders (offer_id) where state in ('paid', 'refunding', 'refunded', 'disputed');
create index orders_refunding on orders (held_at) where state = 'refunding';

comment on table orders is 'One seat for one person, from the hold to the money. docs/money.md has the states.';
comment on column orders.id is 'made by the client, so that asking twice is asking once';
comment on column orders.offer_id is 'null: Stripe took money for an order this database does not know, which goes back';
comment on column orders.price is 'of the offer when the seat was held';
comment on column orders.address is 'network of whoever holds the seat, for limits; forgotten when the hold ends';

create table payments (
  order_id    uuid primary key references orders,
  session_id  text constraint payments_session_id_key unique,
  session_url text,
  payment_id  text constraint payments_payment_id_key unique,
  destination text,
  gross       bigint not null constraint payments_gross_range check (gross between 0 and 99999999),
  currency    text not null,
  tax         bigint not null default 0 constraint payments_tax_range check (tax between 0 and gross),
  fee         bigint not null,
  split       jsonb not null,
  terms       jsonb,
  said        jsonb,
  revision    integer not null default 0,
  created_at  timestamptz not null default now(),
  paid_at     timestamptz,
  constraint payments_fee_within_gross check (fee between 0 and gross)
);
create index payments_unread on payments (paid_at) where paid_at is not null and (said->'processing') is null;

comment on table payments is 'The money side of an order, from the moment Stripe is asked for a checkout.';
comment on column payments.fee is 'application fee: the cut and, where the host bears it, the estimate of processing';
comment on column payments.split is 'how the fee is made up, frozen when the checkout was asked for';
comment on column payments.terms is 'what the split was made by; null for what came from Stripe unasked';
comment on column payments.said is 'what Stripe last said of the payment';
comment on column payments.revision is 'counts settlements: what Stripe said before the last one is old';

create table stripe_calls (
  key      text primary key constraint stripe_calls_key_length check (char_length(key) <= 255),
  what     text not null constraint stripe_calls_what_known check (what in ('account', 'checkout', 'refund')),
  subject  uuid not null,
  request  jsonb not null,
  made_at  timestamptz not null default now(),
  sent_at  timestamptz not null default now(),
  spent_at timestamptz
);
create unique index stripe_calls_one_open on stripe_calls (subject, what) where spent_at is null;
comment on table stripe_calls is 'Idempotency keys, stored before the call: whoever repeats it repeats the same. A key that is spent is never sent again.';
comment on column stripe_calls.sent_at is 'the last time';
comment on column stripe_calls.request is 'as first sent: Stripe refuses a key with another request';

create table tickets (
  id           uuid primary key,
  kind         text not null default 'ticket' constraint tickets_kind_known check (kind in ('ticket')),
  order_id     uuid not null constraint tickets_order_id_key unique references orders,
  room_id      uuid references rooms on delete set null,
  account_id   uuid references accounts on delete set null,
  refund_hours integer,
  starts_at    timestamptz,
  issued_at    timestamptz not null default now(),
  voided_at    timestamptz
);
create unique index tickets_one_active on tickets (room_id, account_id) where voided_at is null;
create index tickets_account_id on tickets (account_id);
comment on column tickets.refund_hours is 'copied from the offer at the sale: what was promised then holds';
comment on column tickets.starts_at is 'the announced start at the sale: moving it closer takes no time to refund away';
comment on column tickets.voided_at is 'from here on it opens no door';

create table refunds (
  id         uuid primary key,
  order_id   uuid not null references orders,
  amount     bigint not null constraint refunds_amount_positive check (amount > 0),
  reason     text not null constraint refunds_reason_known check
               (reason in ('buyer', 'host', 'admin', 'room-cancelled', 'late', 'duplicate', 'unmatched', 'mismatch', 'outside')),
  asked_by   uuid references accounts on delete set null,
  stripe_id  text constraint refunds_stripe_id_key unique,
  state      text not null default 'asked' constraint refunds_state_known check (state in ('asked', 'sent', 'succeeded', 'failed')),
  created_at timestamptz not null default now(),
  closed_at  timestamptz,
  constraint refunds_closed_with_a_time check ((closed_at is null) = (state in ('asked', 'sent')))
);
create unique index refunds_one_under_way on refunds (order_id) where state in ('asked', 'sent');
create index refunds_order_id on refunds (order_id);
create index refunds_asked_by on refunds (asked_by);
comment on column refunds.reason is 'outside: made at Stripe, not by us';

create table stripe_events (
  id          text primary key,
  type        text not null,
  object      text not null,
  payment_id  text,
  received_at timestamptz not null default now(),
  applied_at  timestamptz
);
create index stripe_events_waiting on stripe_events (received_at) where applied_at is null;
comment on table stripe_events is 'Hints that something happened at Stripe, each taken once. Nothing in them is believed: Stripe is asked.';

-- The ledger: what moved, between which accounts, for which order.

create table ledger_transactions (
  order_id uuid not null references orders,
  n        integer not null constraint ledger_transactions_number check (n >= 1),
  kind     text not null constraint ledger_transactions_kind_known check (kind in ('sale', 'processing', 'refund', 'dispute', 'correction')),
  at       timestamptz not null default now(),
  primary key (order_id, n)
);
create table ledger_entries (
  order_id uuid not null,
  n        integer not null,
  account  text not null constraint ledger_entries_account_known check
             (account in ('buyer', 'host', 'cut', 'processing', 'stripe', 'difference', 'absorbed')),
  tier     smallint not null default 0 constraint ledger_entries_tier_is_a_cuts check (tier >= 0 and (tier = 0 or account = 'cut')),
  currency text not null constraint ledger_entries_currency_format check (currency ~ '^[a-z]{3}$'),
  amount   bigint not null constraint ledger_entries_amount_moves check (amount <> 0),
  primary key (order_id, n, account, tier, currency),
  constraint ledger_entries_transaction foreign key (order_id, n) references ledger_transactions
);
comment on table ledger_transactions is 'Append-only. Numbered within the order.';
comment on table ledger_entries is 'Append-only. Positive amounts come into an account, negative ones leave it; each transaction is zero in each currency.';
comment on column ledger_entries.account is 'docs/money.md has the accounts';

create function ledger_stays() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only' using errcode = 'integrity_constraint_violation', constraint = 'ledger_append_only';
end $$;
create trigger ledger_stays before update or delete or truncate on ledger_transactions for each statement execute function ledger_stays();
create trigger ledger_stays before update or delete or truncate on ledger_entries for each statement execute function ledger_stays();

create function ledger_balances() returns trigger language plpgsql as $$
begin
  if exists (select from ledger_entries where order_id = new.order_id and n = new.n group by currency having sum(amount) <> 0) then
    raise exception 'transaction % of order % is not zero', new.n, new.order_id
      using errcode = 'integrity_constraint_violation', constraint = 'ledger_zero_sum';
  end if;
  return null;
end $$;
create constraint trigger ledger_balances after insert on ledger_entries
  deferrable initially deferred for each row execute function ledger_balances();

create table host_sales (
  host_id  uuid not null references accounts on delete cascade,
  currency text not null,
  gross    bigint not null constraint host_sales_gross_range check (gross >= 0),
  primary key (host_id, currency)
);
comment on table host_sales is 'What a host sold over all time, less what went back: where the next sale stands in the tiers of the cut.';

create view order_statements as
  select order_id, currency,
         -coalesce(sum(amount) filter (where account = 'buyer' and n = 1), 0)::bigint as gross,
         coalesce(sum(amount) filter (where account = 'buyer' and n > 1), 0)::bigint as refunded,
         coalesce(sum(amount) filter (where account = 'cut'), 0)::bigint as cut,
         coalesce(sum(amount) filter (where account in ('processing', 'stripe', 'difference')), 0)::bigint as processing,
         -coalesce(sum(amount) filter (where account = 'absorbed'), 0)::bigint as absorbed,
         coalesce(sum(amount) filter (where account = 'host'), 0)::bigint as net
  from ledger_entries group by order_id, currency;
comment on view order_statements is 'gross - refunded - cut - processing + absorbed = net, to the minor unit, because the ledger is zero-sum; the first transaction of an order is its sale';

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

-- What a person must look at, and who did what.

create table alarms (
  id         uuid primary key,
  kind       text not null constraint alarms_kind_known check
               (kind in ('unmatched', 'mismatch', 'refund-failed', 'refund-refused', 'outside-refund', 'dispute', 'absorbed')),
  subject    text not null,
  order_id   uuid references orders,
  detail     text not null,
  created_at timestamptz not null default now(),
  closed_at  timestamptz,
  closed_by  uuid references accounts on delete set null
);
create unique index alarms_one_open on alarms (kind, subject) where closed_at is null;
create index alarms_closed_by on alarms (closed_by);
comment on table alarms is 'Rows a person must look at. Money is safe meanwhile; somebody has to decide.';

create table sales_audit (
  id       uuid primary key,
  actor_id uuid references accounts on delete set null,
  action   text not null,
  subject  text not null,
  detail   jsonb not null default '{}',
  at       timestamptz not null default now()
);
create index sales_audit_actor_id on sales_audit (actor_id, at);
create index sales_audit_subject on sales_audit (subject, at);
comment on table sales_audit is 'Who used a power over a sale, and what was repaired. Without an actor: this server.';

create function sales_audit_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (new.id, new.action, new.subject, new.detail, new.at) is distinct from (old.id, old.action, old.subject, old.detail, old.at) then
    raise exception 'the audit is append-only';
  end if;
  return new;
end $$;
create trigger sales_audit_stays before update or delete on sales_audit for each row execute function sales_audit_stays();

-- Sockets and doors hear of tickets as they hear of seats, and of sales as of
-- anything else about a room. Each seat sold is not told, only the last one and
-- the first one that comes free again.

create function tell_sale() returns trigger language plpgsql as $$
begin
  if new.room_id is null then return null; end if;
  case tg_table_name
    when 'tickets' then perform pg_notify('salon', 'seat ' || new.room_id || ' ' || new.account_id) where new.account_id is not null;
    when 'offers'  then perform pg_notify('salon', 'room ' || new.room_id);
  end case;
  return null;
end $$;
create trigger tell_new after insert on tickets for each row execute function tell_sale();
create trigger tell after update of voided_at on tickets for each row execute function tell_sale();
create trigger tell_new after insert on offers for each row execute function tell_sale();
create trigger tell after update of price, cap, opens_at, closes_at, refund_hours, cancelled_at on offers for each row execute function tell_sale();
create trigger tell_full after update of taken on offers for each row
  when ((new.taken = new.cap) is distinct from (old.taken = old.cap)) execute function tell_sale();

---- create above / drop below ----

drop view room_cuts, room_statements, order_statements;
drop table sales_audit, alarms, host_sales, ledger_entries, ledger_transactions, stripe_events, refunds, tickets, stripe_calls, payments, orders, offers, payout_accounts;
drop function ledger_stays, ledger_balances, sales_audit_stays, tell_sale;
