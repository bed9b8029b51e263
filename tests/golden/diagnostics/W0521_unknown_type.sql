create table orders (
  order_id bigitn primary key,
  status public.mood,
  amount numeric(12, 2)
);
create extension citext;
create table names (name public.citext);
