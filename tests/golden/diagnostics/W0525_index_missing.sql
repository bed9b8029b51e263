create table orders (order_id bigint not null, reference uuid not null);
create unique index orders_key on orders (order_id);
alter table orders replica identity using index orders_reference;
