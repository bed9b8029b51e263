-- The orders table, on every worker. Run once on each:  psql -f schema.sql -v worker=1 -v workers=2
-- Worker k of n takes the order ids k, k + n, k + 2n …, so that an id is an order wherever it lives.
\if :{?worker} \else \set worker 1 \endif
\if :{?workers} \else \set workers 1 \endif

create sequence order_ids start :worker increment :workers;

create table orders (
  order_id  bigint primary key default nextval('order_ids'),
  region    text not null,
  status    text not null default 'open' check (status in ('open', 'paid', 'refunded')),
  amount    numeric(12,2) not null,
  placed_at timestamptz not null default now(),
  note      text
);

-- The view needs the old region, status and amount of a row that changes or goes: PostgreSQL sends them only with this.
alter table orders replica identity full;
