-- What postgres15.hex is a recording of (PostgreSQL 15.20, wal_level logical, max_prepared_transactions 5): run this, then
--   select lsn, encode(data, 'hex') from pg_logical_slot_peek_binary_changes('s', null, null,
--     'proto_version', '3', 'publication_names', 'p', 'messages', 'true')
-- One message a line. Whoever records it anew rewrites the expected texts with WEIR_GOLDEN=rewrite.
create type mood as enum ('glad', 'sad');
create table orders (id bigint primary key, region text, amount numeric(12,2), placed timestamptz, mood mood, note text);
alter table orders alter note set storage external;
create table journal (id int, payload text, flag bool);
alter table journal alter payload set storage external;
alter table journal replica identity full;
create publication p for table orders, journal;
select pg_create_logical_replication_slot('s', 'pgoutput', false, true);
insert into orders values (1, 'eu', 10.50, '2024-02-29 12:00:00+00', 'glad', null), (2, 'us', -3.00, null, null, repeat('x', 2100));
begin; update orders set amount = 11.25 where id = 1; update orders set id = 3 where id = 1; update orders set region = 'ap' where id = 2; delete from orders where id = 3; commit;
begin; insert into journal values (7, repeat('y', 2100), true); update journal set flag = null where id = 7; update journal set payload = 'short'; delete from journal; commit;
begin; select pg_logical_emit_message(true, 'weir', 'tick'); select pg_logical_emit_message(false, 'other', 'loose'); commit;
begin; insert into orders (id, region) values (4, 'naïve "quoted"'); prepare transaction 'citus_1_42_7_1';
commit prepared 'citus_1_42_7_1';
begin; insert into orders (id) values (5); prepare transaction 'undone';
rollback prepared 'undone';
select pg_replication_origin_create('elsewhere');
select pg_replication_origin_session_setup('elsewhere');
begin; select pg_replication_origin_xact_setup('0/ABCDEF', '2024-01-01 00:00:00+00'); insert into journal values (8, '', false); commit;
select pg_replication_origin_session_reset();
alter table orders add column extra int;
begin; insert into orders (id, extra) values (6, 1); truncate journal, orders restart identity cascade; commit;
