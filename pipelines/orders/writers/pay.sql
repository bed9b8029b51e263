-- Some order is paid.
select last_value from order_ids \gset
\set id random(1, :last_value)
update orders set status = 'paid' where order_id between :id and :id + 1 and status = 'open';
