-- Some order is deleted.
select last_value from order_ids \gset
\set id random(1, :last_value)
delete from orders where order_id between :id and :id + 1;
