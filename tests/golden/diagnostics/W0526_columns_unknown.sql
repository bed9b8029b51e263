create table totals as select region, count(*) from orders group by region;
create type "row" as (a integer);
create table typed of "row";
