-- What taking a seat costs. A foreign key looks its row up again for each seat,
-- though the statement that takes seats has just locked that very offer: a sixth
-- of what a seat costs. Offers stay instead: none can be deleted.

alter table orders drop constraint orders_offer_id_fkey;
comment on column orders.offer_id is 'of a row that was locked when the order was made, and that stays; null: Stripe took money for an offer this database does not know, which goes back';

create function offers_stay() returns trigger language plpgsql as $$
begin
  raise exception 'an offer stays, because orders refer to it' using errcode = 'integrity_constraint_violation', constraint = 'offers_stay';
end $$;
create trigger offers_stay before delete or truncate on offers for each statement execute function offers_stay();
create trigger offers_stay_the_same before update of id on offers for each statement execute function offers_stay();

-- Addresses are only ever compared.
alter table orders alter column address type text collate "C";

---- create above / drop below ----

alter table orders alter column address type text collate "default";
drop trigger offers_stay_the_same on offers;
drop trigger offers_stay on offers;
drop function offers_stay;
alter table orders add constraint orders_offer_id_fkey foreign key (offer_id) references offers;
comment on column orders.offer_id is 'null: Stripe took money for an order this database does not know, which goes back';
