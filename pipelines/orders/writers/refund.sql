-- Some order is paid back: its row leaves the view.
select last_value from order_ids \gset
\set id random(1, :last_value)
update orders set status = 'refunded' where order_id between :id and :id + 1 and status = 'paid';
