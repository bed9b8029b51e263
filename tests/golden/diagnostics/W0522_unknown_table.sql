create table public.orders (order_id bigint);
alter table only public.order replica identity full;
create unique index events_key on events (event_id);
select create_distributed_table('public.oders', 'order_id');
alter table if exists nothing replica identity full;
