create table orders (region text, region varchar(20));
create table orders (region text);
create table if not exists orders (region text);
