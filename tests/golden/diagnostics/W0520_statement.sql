-- what pg_dump never writes
create table orders (region text,, amount numeric);
create table events region text;
create table "half" (a int;
alter table orders replica identity some;
