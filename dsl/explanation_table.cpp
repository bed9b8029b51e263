#include "dsl/explanation.hpp"

namespace weir::dsl {
namespace {

// clang-format off
constexpr explanation table[] = {
  {code::unreadable_file, "a file cannot be read",
   "The file is not there, is a directory, or this user may not read it. The message has the system's cause.",
   "", ""},
  {code::empty_file, "a file is empty",
   "A file that was named declares nothing: it is empty, or holds comments only. Was it saved?",
   "-- nothing but a comment\n",
   "pipeline orders;\n",
   true},
  {code::binary_file, "a file holds zero bytes: it is no text",
   "A definition is a text in UTF-8. This file holds a byte 0, as programs, archives and texts in UTF-16 do.",
   "", ""},
  {code::not_utf8, "a file is not UTF-8",
   "Names are compared with those of the servers, byte by byte, so the encoding has to be known. Save the file as UTF-8.",
   "", ""},
  {code::file_too_large, "a file is larger than 1 MiB",
   "No definition that a person wrote is so large: probably another file was named.",
   "", ""},
  {code::nested_too_deep, "an expression is nested deeper than 200 parentheses, or higher than 500 operators",
   "The limits keep a hostile file from exhausting the stack. Split the condition, or write it as an IN list.",
   "", ""},
  {code::too_many_errors, "more than 100 errors: the rest of the file is not read",
   "What follows is more likely noise than help. Mend the first errors; often one of them explains the others.",
   "", ""},

  {code::syntax, "something else was expected here",
   "The statement begins like one of the language, and goes on otherwise. The message says what could stand here.",
   "view totals as select count(*) from orders where;\n",
   "view totals as select count(*) from orders where paid;\n"},
  {code::unknown_statement, "no statement begins so",
   "A definition consists of the statements pipeline, cluster, source, view, sink, supervise, include, memory and test.",
   "vew totals as select count(*) from orders;\n",
   "view totals as select count(*) from orders;\n"},
  {code::unterminated, "a comment, a string or a quoted name does not end",
   "From this place on everything belongs to it, so that nothing more can be said about the file. Within a string a quote "
   "is doubled: 'it''s'. Comments nest: each /* has its own */.",
   "view paid as select count(*) from orders where status = 'paid;\n",
   "view paid as select count(*) from orders where status = 'paid';\n"},
  {code::not_supported_yet, "not in the language yet",
   "PostgreSQL has it, and weir cannot keep it current, or not yet. It is refused by name rather than read as something "
   "else. Where there is another way to write it, the hint says so.",
   "view ranks as select region, count(*) over () from orders group by region;\n",
   "view ranks as select region, count(*) from orders group by region;\n"},
  {code::unknown_key, "a block has no such entry",
   "The word does not begin an entry of this block. The hint lists those that do.",
   "supervise { retires 5; }\nview totals as select count(*) from orders;\n",
   "supervise { retry 5; }\nview totals as select count(*) from orders;\n"},
  {code::bad_value, "a number, a duration or a setting that cannot be",
   "The value is out of range, its unit does not exist, or it is no number. Durations have a unit: ms, s, min or h. Or "
   "a connection string names a variable that the environment has not.",
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals every 200 msec;\n",
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals every 200 ms;\n"},
  {code::name_too_long, "a name of more than 63 bytes",
   "PostgreSQL cuts longer names off, and two of them could then be one. Choose a shorter name.",
   "view a_name_that_goes_on_until_it_has_more_than_sixty_three_characters as\n  select count(*) from orders;\n",
   "view a_shorter_name as select count(*) from orders;\n"},
  {code::password_in_file, "a password stands in the file (a warning)",
   "Definitions are copied, mailed and kept under version control. libpq finds a password in ~/.pgpass, in a service file "
   "or in the environment; weir connects through libpq.",
   "cluster shop { nodes \"host=db1 dbname=shop user=weir password=secret\"; }\n"
   "view totals as select count(*) from orders;\n",
   "cluster shop { nodes \"host=db1 dbname=shop user=weir\"; }\n"
   "view totals as select count(*) from orders;\n"},

  {code::unreadable_include, "an included file cannot be read",
   "The name behind `include` is relative to the file that the statement stands in. The message has the path that was tried, "
   "and the system's cause. Only files that are definitions themselves can be included.",
   "", ""},
  {code::include_circle, "files that include each other in a circle",
   "A file counts once in a program, however often it is included; but one that includes itself, by whatever way, is likely a "
   "mistake. What two files need stands in a third that both include.",
   "", ""},
  {code::too_many_files, "a program of more than 100 files",
   "The limit keeps a definition that includes without end from reading all of a disk.",
   "", ""},

  {code::unknown_cluster, "a cluster that is not declared",
   "A table is written CLUSTER.SCHEMA.TABLE, and the cluster is declared by `cluster NAME …`. With `cluster NAME;` alone its "
   "servers come from weir.yaml.",
   "source orders from shp.public.orders;\ncluster shop { nodes \"host=db1\"; }\n"
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals;\n",
   "source orders from shop.public.orders;\ncluster shop { nodes \"host=db1\"; }\n"
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals;\n"},
  {code::unknown_source,
   "a source that is not declared, or not read by this view; views that read each other in a circle",
   "A view reads what a `source` statement has declared, or another view, and a column is qualified by the name or alias in "
   "its FROM. As in PostgreSQL, an alias hides the name.",
   "view totals as select count(*) from order_;\n",
   "view totals as select count(*) from orders;\n"},
  {code::unknown_column, "a column that the table has not",
   "The table behind the source has no column of this name, on some node. Names without quotes are folded to lower case: a "
   "column \"Amount\" is written with its quotes.",
   "view revenue as select region, sum(amout) from orders group by region;\n",
   "view revenue as select region, sum(amount) from orders group by region;\n"},
  {code::unknown_view, "a view that is not declared",
   "A sink writes a view of the same program.",
   "view revenue as select count(*) from orders;\nsink revenu into shop.analytics.revenue;\n",
   "view revenue as select count(*) from orders;\nsink revenue into shop.analytics.revenue;\n"},
  {code::unknown_function, "a function that does not exist",
   "weir knows no function of this name. docs/expressions.md lists those there are.",
   "view totals as select cuont(*) from orders;\n",
   "view totals as select count(*) from orders;\n"},
  {code::unknown_type, "a type that does not exist, or that weir does not compute with",
   "The name behind :: or before a string is no type of an expression. docs/expressions.md lists those there are.",
   "view totals as select count(*) from orders where placed_at > timestampz '2026-01-01 00:00:00+00';\n",
   "view totals as select count(*) from orders where placed_at > timestamptz '2026-01-01 00:00:00+00';\n"},
  {code::declared_twice, "declared twice",
   "Each name is declared once in a program, in all its files together; sources and views share their names. The first "
   "one counts until this is mended.",
   "view totals as select count(*) from orders;\nview totals as select sum(amount) from orders;\n"
   "sink totals into shop.analytics.totals;\n",
   "view totals as select count(*) from orders;\nview revenue as select sum(amount) from orders;\n"
   "sink totals into shop.analytics.totals;\nsink revenue into shop.analytics.revenue;\n"},
  {code::not_declared, "the program has no name, or no view",
   "Slots, publications and rows in schema weir carry the pipeline's name, and without a view there is nothing to do.",
   "cluster shop { nodes \"host=db1\"; }\nsource orders from shop.public.orders;\n"
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals;\n",
   "pipeline orders;\ncluster shop { nodes \"host=db1\"; }\nsource orders from shop.public.orders;\n"
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals;\n",
   true},
  {code::table_missing, "a table that is missing on some node",
   "A source is the same table on every node of its cluster. Check schema and name, and the databases of the connections.",
   "source orders from shop.public.ordrs;\nview totals as select count(*) from orders;\n",
   "source orders from shop.public.orders;\nview totals as select count(*) from orders;\n"},
  {code::not_used, "a source that no view reads, or a line about transactions that changes nothing (a warning)",
   "It does no harm, and is perhaps not what was meant: a view may read another source than it should.",
   "source orders from shop.public.orders;\nsource events from shop.public.events;\n"
   "view totals as select count(*) from orders;\n",
   "source orders from shop.public.orders;\nview totals as select count(*) from orders;\n"},

  {code::not_included, "a file of a directory that is no program, and that none includes (a warning)",
   "Given a directory, weir takes each of its .pipe files that has a `pipeline` statement for a program. Files without one are "
   "there to be included; this one is not, so that nobody reads it.",
   "", ""},
  {code::pipeline_taken, "two pipelines of one name in a directory",
   "Slots, publications and the rows in schema weir carry the pipeline's name: the two would take each other's. The first "
   "one, in order of the files' names, runs.",
   "", ""},

  {code::unsupported_type, "a value of a type that weir only passes through",
   "Columns of such a type can be counted and tested for null; where their texts tell which values are equal, also compared with "
   "= and <>, and grouped by. Documents and arrays have operators of their own. Everything else is done by functions that weir "
   "does not have.",
   "-- details is jsonb\nview details as select count(*) from orders where details < '{}';\n",
   "view details as select count(*) from orders where details is not null;\n"},
  {code::type_mismatch, "types that do not go together",
   "There is no such operator or function for these types, in PostgreSQL neither. Cast a literal, or use another column.",
   "view revenue as select sum(region) from orders;\n",
   "view revenue as select sum(amount) from orders;\n"},
  {code::bad_literal, "a literal that is not of its type",
   "A string takes the type of what it is compared with, and cannot be read as one of that type.",
   "view rich as select count(*) from orders where amount > 'ten';\n",
   "view rich as select count(*) from orders where amount > '10';\n"},
  {code::session_dependent, "a value that depends on the session's time zone or on the clock",
   "The same row would be in the view or not, depending on who asks and when. A timestamptz is written with its offset.",
   "view recent as select count(*) from orders where placed_at > '2026-01-01';\n",
   "view recent as select count(*) from orders where placed_at > '2026-01-01 00:00:00+00';\n"},
  {code::collation_dependent, "a comparison that depends on a collation",
   "The order of texts is the server's, and changes with its collations; a nondeterministic collation even decides what is "
   "equal. Texts of other columns can be compared by =, <> and IN.",
   "view north as select count(*) from orders where region < 'north';\n",
   "view north as select count(*) from orders where region in ('east', 'north');\n"},
  {code::generated_column, "a generated column, which is not replicated",
   "The stream of changes holds no generated columns before PostgreSQL 18. Write the expression in the view instead.",
   "-- orders.total is generated always as (amount * quantity)\nview revenue as select sum(total) from orders;\n",
   "view revenue as select sum(amount * quantity) from orders;\n"},
  {code::type_differs, "a column whose type differs between nodes",
   "The rows of all nodes are summed as one table, so that a column has one type. ALTER TABLE gives it to all of them.",
   "cluster shop { coordinator \"host=db0\"; nodes w1 \"host=db1\", w2 \"host=db2\"; }\n"
   "-- uneven.amount is numeric(12,2) on w1 and bigint on w2\n"
   "source uneven from shop.public.uneven;\nview revenue as select sum(amount) from uneven;\n",
   "cluster shop { coordinator \"host=db0\"; nodes w1 \"host=db1\", w2 \"host=db2\"; }\n"
   "source orders from shop.public.orders;\nview revenue as select sum(amount) from orders;\n"},

  {code::unknown_field, "a field or a unit of time that the type has not",
   "extract, date_part and date_trunc take one of a fixed list of words, and not every type has every field: a date has no "
   "hour, an interval no week. The word has to be written down: it decides the type of the result.",
   "view hours as select extract(hour from placed_on) as hour, count(*) from orders group by 1;\n",
   "view days as select extract(day from placed_on) as day, count(*)\n  from orders group by 1;\n"},
  {code::time_zone, "a time zone that there is none of",
   "A zone is written down: 'UTC', a name of the time zone files like 'Europe/Berlin', or an interval of hours. "
   "Abbreviations are not taken: to PostgreSQL, 'CET' is one hour ahead of UTC in summer, too.",
   "view days as select date_trunc('day', placed_at at time zone 'CET') as day, count(*)\n  from orders group by 1;\n",
   "view days as select date_trunc('day', placed_at at time zone 'Europe/Berlin') as day, count(*)\n  from orders group by 1;\n"},
  {code::unwritten_literal, "a literal of a type that weir only passes through",
   "PostgreSQL reads such a value in many spellings and writes it in one. weir compares what PostgreSQL writes, and cannot tell "
   "whether this literal is written so.",
   "-- host is inet\nview seen as select count(*) from orders where host = '10.0.0.1/32';\n",
   "view seen as select host, count(*) from orders group by host;\n"},

  {code::no_aggregate, "a view that neither groups nor aggregates",
   "The rows of a view have to be told apart: they are groups, or rows that are distinct. A view that another view reads may "
   "have rows as they come, if it has no sink.",
   "view paid as select order_id, amount from orders where paid;\n",
   "view paid as select distinct order_id, amount from orders where paid;\n"},
  {code::key_not_selected, "a group key that is not selected",
   "The keys are the primary key of the view's table; without them two rows of it could not be told apart.",
   "view revenue as select sum(amount) from orders group by region;\n",
   "view revenue as select region, sum(amount) from orders group by region;\n"},
  {code::neither_key_nor_aggregate, "a column that is neither grouped by nor aggregated",
   "A group has many rows, and this column perhaps another value in each. Group by it, or aggregate it.",
   "view revenue as select region, status, sum(amount) from orders group by region;\n",
   "view revenue as select region, status, sum(amount) from orders group by region, status;\n"},
  {code::aggregate_misplaced, "an aggregate where none can be",
   "WHERE and GROUP BY are computed row by row, before anything is aggregated; and aggregates do not nest.",
   "view revenue as select region, sum(amount) from orders where count(*) > 1 group by region;\n",
   "view revenue as select region, sum(amount) from orders where amount > 1 group by region;\n"},
  {code::unfit_key, "a group key of a type that cannot be one",
   "Two values of this type can be equal and look different, as 0 and -0 do, or their equality depends on a collation.",
   "view by_distance as select distance, count(*) from orders group by distance;\n",
   "view by_quantity as select quantity, count(*) from orders group by quantity;\n"},
  {code::duplicate_output, "two columns of one name, or the name of a system column",
   "The columns of a view are those of a table. An alias makes the difference.",
   "view sums as select sum(amount), sum(quantity) from orders;\n",
   "view sums as select sum(amount) as revenue, sum(quantity) as pieces from orders;\n"},
  {code::bad_ordinal, "`group by` a place that the select list has not, or a constant",
   "A number in GROUP BY is a place in the select list, counted from 1; another constant would make one group of all rows.",
   "view revenue as select region, sum(amount) from orders group by 3;\n",
   "view revenue as select region, sum(amount) from orders group by 1;\n"},

  {code::may_divide_by_zero, "a group for which a view may divide by zero (a warning)",
   "A query that divides by zero has no result, and a view of it none that it could show: the views stay as they were until the "
   "group has changed or the view is written otherwise. Divide by nullif(…, 0), and the result is null; count(*) of a group is "
   "never zero.",
   "view prices as select region, sum(amount) / sum(quantity) as price from orders group by region;\n",
   "view prices as\n  select region, sum(amount) / nullif(sum(quantity), 0) as price from orders group by region;\n"},
  {code::no_operator, "what weir can read and plan, and not keep current yet (a warning)",
   "Queries are bound whole: names, types and operators. For some operators the runtime has nothing yet that keeps their result "
   "current from changes: joins, union, intersect, except, min and max, distinct aggregates, queries over groups, the first rows "
   "of an order. weir check and weir plan show such a view; weir run refuses the program until the view is gone from it, or is "
   "written with what there is.",
   "view latest as select region, max(placed_on) as latest from orders group by region;\n",
   "view latest as select region, count(*) as orders from orders group by region;\n"},
  {code::cluster_without_servers, "a cluster without servers",
   "The block names neither a coordinator nor nodes, and weir.yaml (--config) names none either.",
   "cluster shop {}\nview totals as select count(*) from orders;\n",
   "cluster shop { nodes \"host=db1 dbname=shop\"; }\nview totals as select count(*) from orders;\n"},
  {code::no_sink, "a view without sink",
   "Nobody could read the view: say into which table it is written.",
   "pipeline orders;\ncluster shop { nodes \"host=db1\"; }\nsource orders from shop.public.orders;\n"
   "view totals as select count(*) from orders;\n",
   "pipeline orders;\ncluster shop { nodes \"host=db1\"; }\nsource orders from shop.public.orders;\n"
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals;\n",
   true},
  {code::sink_twice, "two sinks of one view, or into one table",
   "A view has one table, and a table holds one view.",
   "view a as select count(*) from orders;\nview b as select sum(amount) from orders;\n"
   "sink a into shop.analytics.totals;\nsink b into shop.analytics.totals;\n",
   "view a as select count(*) from orders;\nview b as select sum(amount) from orders;\n"
   "sink a into shop.analytics.counted;\nsink b into shop.analytics.summed;\n"},
  {code::target_unclear, "a sink whose server is not clear",
   "The cluster has several nodes and no coordinator: on which of them should the table be? Name a coordinator, or write "
   "into another cluster.",
   "cluster shop { nodes \"host=db1\", \"host=db2\"; }\nview totals as select count(*) from orders;\n",
   "cluster shop {\n  coordinator \"host=db0\";\n  nodes \"host=db1\", \"host=db2\";\n}\n"
   "view totals as select count(*) from orders;\n"},
  {code::several_clusters, "sources, or sinks, of several clusters",
   "A pipeline reads one cluster and writes to one server: a cut is a state of one cluster, written in one transaction. "
   "Make two pipelines of it.",
   "cluster shop { nodes \"host=db1\"; }\ncluster other { nodes \"host=db2\"; }\n"
   "source orders from shop.public.orders;\nsource events from other.public.events;\n"
   "view totals as select count(*) from orders;\nview seen as select count(*) from events;\n",
   "cluster shop { nodes \"host=db1\"; }\n"
   "source orders from shop.public.orders;\nsource events from shop.public.events;\n"
   "view totals as select count(*) from orders;\nview seen as select count(*) from events;\n"},
  {code::replica_identity, "the replica identity does not give what a view needs of old rows",
   "To take a deleted or changed row out of its group, weir has to know the row as it was, and the stream holds of it what "
   "the table's replica identity says: without more, the primary key. ALTER TABLE … REPLICA IDENTITY FULL cures it.",
   "-- events has a primary key, event_id, and the default replica identity\n"
   "source events from shop.public.events;\nview seen as select region, count(*) from events group by region;\n",
   "-- orders has REPLICA IDENTITY FULL\nview seen as select region, count(*) from orders group by region;\n"},
  {code::not_a_table, "a source that is no table",
   "Views, foreign tables and the like have no changes of their own. Name the table behind it.",
   "-- order_view is a view over orders\n"
   "source orders from shop.public.order_view;\nview totals as select count(*) from orders;\n",
   "source orders from shop.public.orders;\nview totals as select count(*) from orders;\n"},
  {code::sink_is_source, "a sink into a table that is read",
   "The view would be computed from itself.",
   "view totals as select count(*) from orders;\nsink totals into shop.public.orders;\n",
   "view totals as select count(*) from orders;\nsink totals into shop.analytics.totals;\n"},
  {code::unfit_distribution, "a view's table that cannot be distributed so",
   "Citus distributes by one column that is part of every primary key, and never null: a group key of the view that is NOT "
   "NULL in the table, or that the view's WHERE keeps from being null.",
   "view revenue as select region, sum(amount) from orders group by region;\n"
   "sink revenue into shop.analytics.revenue distributed by (region);\n",
   "view revenue as select region, sum(amount) from orders where region is not null group by region;\n"
   "sink revenue into shop.analytics.revenue distributed by (region);\n"},

  {code::schema_statement, "a statement of a schema file that is none of SQL's",
   "Of a schema file only those statements are read that decide columns, keys and replica identities; these have to be whole. "
   "pg_dump --schema-only writes them so.",
   "create table orders (region text,, amount numeric);\n",
   "create table orders (region text, amount numeric);\n", false, true},
  {code::schema_unknown_type, "a schema file names a type that nothing makes",
   "It is none of PostgreSQL's, and no CREATE TYPE or CREATE DOMAIN before it makes it. Types of extensions are known by "
   "the CREATE EXTENSION before them.",
   "create table orders (status mood);\n",
   "create type mood as enum ('fine', 'sad');\ncreate table orders (status mood);\n", false, true},
  {code::schema_unknown_table, "a schema file alters a table that it does not make",
   "Files are read in the order in which they are given, each from its first statement to its last, as a new database would "
   "run them.",
   "alter table orders replica identity full;\n",
   "create table orders (region text);\nalter table orders replica identity full;\n", false, true},
  {code::schema_unknown_column, "a schema file names a column that the table has not",
   "A key, an index or an alteration names a column that no statement before it gives the table.",
   "create table orders (order_id bigint, primary key (id));\n",
   "create table orders (order_id bigint, primary key (order_id));\n", false, true},
  {code::schema_declared_twice, "a schema file makes a table or a column twice",
   "Was the same dump given twice? CREATE TABLE IF NOT EXISTS may be there more than once.",
   "create table orders (region text);\ncreate table orders (region text);\n",
   "create table orders (region text);\ncreate table if not exists orders (region text);\n", false, true},
  {code::schema_index_missing, "a replica identity by an index that the schema file does not make",
   "Which columns old rows hold is what the index says: its CREATE UNIQUE INDEX, or the constraint that has it, belongs into "
   "the schema file.",
   "create table orders (order_id bigint not null);\nalter table orders replica identity using index orders_key;\n",
   "create table orders (order_id bigint not null);\ncreate unique index orders_key on orders (order_id);\n"
   "alter table orders replica identity using index orders_key;\n", false, true},
  {code::schema_columns_unknown, "a table of a schema file whose columns do not stand there",
   "CREATE TABLE … AS takes its columns from a query, CREATE TABLE … OF from a type: only a server knows them. "
   "pg_dump --schema-only writes them out.",
   "create table orders as select 1 as order_id;\n",
   "create table orders (order_id integer);\n", false, true},

  {code::test_step_unknown, "a test has no such step",
   "A test consists of given, WORKER: and a statement, transaction, deliver, fail, recover, restart, wait and expect.",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { expct totals (0); }\n",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { expect totals (0); }\n"},
  {code::test_declared_twice, "two tests of one name",
   "A failure is told by the name of its test, and --filter finds tests by it.",
   "view totals as select count(*) from orders;\n"
   "test \"no rows\" { expect totals (0); }\ntest \"no rows\" { expect totals (0); }\n",
   "view totals as select count(*) from orders;\n"
   "test \"no rows\" { expect totals (0); }\ntest \"still no rows\" { wait 1 s; expect totals (0); }\n"},
  {code::unknown_worker, "a worker that the cluster has not",
   "The workers of a test are the nodes of the cluster, by their names there. Where a coordinator names the nodes, a test may "
   "call them as it likes.",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { deliver w7; expect totals (0); }\n",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { deliver w1; expect totals (0); }\n"},
  {code::table_not_read, "a test writes to what is no source",
   "Tests write to the tables of sources, by the names that the sources have in the program. No other table reaches a view.",
   "view totals as select count(*) from orders;\n"
   "test \"rows are counted\" { w1: truncate customers; deliver w1; expect totals (0); }\n",
   "view totals as select count(*) from orders;\n"
   "test \"rows are counted\" { w1: truncate orders; deliver w1; expect totals (0); }\n"},
  {code::wrong_number_of_values, "a row has more or fewer values than there are columns",
   "An expected row has a value for each column of the view. An inserted one has at most as many as its table has columns "
   "that are not generated; with names of columns, one for each name.",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { expect totals (0, 0); }\n",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { expect totals (0); }\n"},
  {code::view_not_written, "a test expects rows of a view that has no table",
   "A view without a sink that other views read is part of those: there is no table to look into.",
   "view paid as select region from orders where paid;\nview totals as select count(*) from paid;\n"
   "test \"rows are counted\" { expect paid is empty; }\n",
   "view paid as select region from orders where paid;\nview totals as select count(*) from paid;\n"
   "test \"rows are counted\" { expect totals (0); }\n"},
  {code::given_too_late, "given rows behind a step that starts weir",
   "Given rows are those that the first load reads. Once weir runs, rows come by statements: w1: insert into …",
   "view totals as select count(*) from orders;\n"
   "test \"rows are counted\" { expect totals (0); given orders (1); expect totals (1); }\n",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { given orders (1); expect totals (1); }\n"},
  {code::worker_state, "a worker fails twice, or returns without having failed",
   "fail and recover take turns.",
   "view totals as select count(*) from orders;\ntest \"it returns\" { recover w1; expect totals (0); }\n",
   "view totals as select count(*) from orders;\ntest \"it returns\" { fail w1; recover w1; expect totals (0); }\n"},
  {code::unfit_value, "a value that cannot stand here",
   "Values of rows are constants; a generated column has none; and one of a type that weir does not compute with takes the "
   "text of its value, as a string.",
   "view totals as select count(*) from orders;\n"
   "test \"rows are counted\" { given orders (order_id); expect totals (1); }\n",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { given orders (1); expect totals (1); }\n"},
  {code::expects_nothing, "a test expects nothing (a warning)",
   "Such a test fails only if a statement of it does.",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { given orders (1); }\n",
   "view totals as select count(*) from orders;\ntest \"rows are counted\" { given orders (1); expect totals (1); }\n"},
};
// clang-format on

} // namespace

std::span<const explanation> explanations() { return table; }

} // namespace weir::dsl
