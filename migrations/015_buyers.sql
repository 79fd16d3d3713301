-- What taking a seat costs, once more.
--
-- A foreign key looks its row up and locks it for each seat: a quarter of what a
-- group of seats costs. Whoever adds an order sees to it that there is such an
-- account, and whoever deletes an account to it that nobody is adding orders.
-- That reads all orders while sales stand still: only the demo deletes accounts.

alter table orders drop constraint orders_account_id_fkey;
comment on column orders.account_id is 'of an account that was there when the order was made; null when it was deleted, by a trigger';

create function buyers_leave_orders() returns trigger language plpgsql as $$
begin
  if exists (select from gone) then
    lock table orders in share row exclusive mode;
    update orders o set account_id = null from gone where o.account_id = gone.id;
  end if;
  return null;
end $$;
create trigger buyers_leave_orders after delete on accounts referencing old table as gone
  for each statement execute function buyers_leave_orders();

create function accounts_stay_the_same() returns trigger language plpgsql as $$
begin
  raise exception 'orders refer to accounts by their ids' using errcode = 'integrity_constraint_violation', constraint = 'accounts_stay_the_same';
end $$;
create trigger accounts_stay_the_same before truncate on accounts for each statement execute function accounts_stay_the_same();
create trigger accounts_keep_ids before update of id on accounts for each statement execute function accounts_stay_the_same();

-- One index of the orders that wait for money instead of two. The networks come
-- first, because they are counted for each seat; the rest is for whoever frees
-- seats. Whoever looks for waiting orders names the address, as the index does.

update orders set address = '' where address is null and state in ('held', 'paying');
alter table orders drop constraint orders_address_while_waiting;
alter table orders add constraint orders_address_while_waiting check ((address is not null) = (state in ('held', 'paying')));
drop index orders_address, orders_waiting;
create index orders_waiting on orders (address, offer_id, expires_at) where address is not null;

---- create above / drop below ----

drop index orders_waiting;
alter table orders drop constraint orders_address_while_waiting;
alter table orders add constraint orders_address_while_waiting check (address is null or state in ('held', 'paying'));
create index orders_waiting on orders (offer_id, expires_at) where state in ('held', 'paying');
create index orders_address on orders (address) where address is not null;
drop trigger accounts_keep_ids on accounts;
drop trigger accounts_stay_the_same on accounts;
drop trigger buyers_leave_orders on accounts;
drop function accounts_stay_the_same, buyers_leave_orders;
alter table orders add constraint orders_account_id_fkey foreign key (account_id) references accounts on delete set null;
comment on column orders.account_id is null;
