-- A basket: two orders of one customer, in one transaction.
\set region random(1, 6)
\set cents random(100, 20000)
begin;
insert into orders (region, status, amount) values (('{north,south,east,west,overseas,islands}'::text[])[:region], 'open', :cents / 100.0);
insert into orders (region, status, amount) values (('{north,south,east,west,overseas,islands}'::text[])[:region], 'paid', :cents / 50.0);
commit;
