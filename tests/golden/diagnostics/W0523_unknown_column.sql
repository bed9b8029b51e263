create table orders (order_id bigint, region text, primary key (oder_id));
create unique index orders_key on orders using btree (region, regin);
alter table orders alter column amount set not null;
