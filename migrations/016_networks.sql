-- Networks of whoever holds a seat as numbers: they are looked up and kept in an
-- index for each seat, and only ever compared. What is held while this is done
-- counts as of one network, which is not known.

alter table orders drop constraint orders_address_while_waiting;
drop index orders_waiting;
alter table orders rename column address to network;
alter table orders alter column network type bigint using case when network is not null then 0 end;
alter table orders add constraint orders_network_while_waiting check ((network is not null) = (state in ('held', 'paying')));
create index orders_waiting on orders (network, offer_id, expires_at) where network is not null;
analyze orders; -- what was known of the column is gone with its type
comment on column orders.network is 'of whoever holds the seat, for limits: an IPv4 address, or the first 64 bits of an IPv6 one; 0: not known; forgotten when the hold ends';

---- create above / drop below ----

alter table orders drop constraint orders_network_while_waiting;
drop index orders_waiting;
alter table orders rename column network to address;
alter table orders alter column address type text collate "C" using case when address is not null then '' end;
alter table orders add constraint orders_address_while_waiting check ((address is not null) = (state in ('held', 'paying')));
create index orders_waiting on orders (address, offer_id, expires_at) where address is not null;
analyze orders;
comment on column orders.address is 'network of whoever holds the seat, for limits; forgotten when the hold ends';
