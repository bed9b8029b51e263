#include "runtime/postgres/target_ddl.hpp"

namespace weir::postgres {

const char* const schema_upgrades[] = {R"sql(
ALTER TABLE weir.cuts RENAME COLUMN epoch TO number;
ALTER TABLE weir.cuts ADD COLUMN positions jsonb NOT NULL DEFAULT '{}';
ALTER TABLE weir.cuts ALTER COLUMN positions DROP DEFAULT;
ALTER TABLE weir.cuts RESET (fillfactor);
ALTER TABLE weir.pipelines ADD COLUMN consistency text NOT NULL DEFAULT '';
ALTER TABLE weir.frontier ADD COLUMN isolated boolean NOT NULL DEFAULT false;
)sql",
                                       R"sql(
ALTER TABLE weir.frontier ADD COLUMN ownership text;
ALTER TABLE weir.nodes ADD COLUMN kept_bytes bigint;
ALTER TABLE weir.nodes ADD COLUMN kept_percent integer;
ALTER TABLE weir.nodes ADD COLUMN kept_seconds_left double precision;
)sql",
                                       // No change here; but what version 3 left is not what a weir of version 3 may
                                       // go on with: registering a pipeline moves the state of distributed views.
                                       R"sql(
COMMENT ON TABLE weir.views IS 'The table of each view, and the table in schema weir with its exact sums.';
)sql",
                                       R"sql(
ALTER TABLE weir.frontier ADD COLUMN shapes text NOT NULL DEFAULT '';
)sql"};

// Tables that are updated with every cut leave room in their pages, so that an update stays in its page and touches no
// index. UNIQUE (fence) makes a takeover a change of a key: it waits for a writer that holds FOR KEY SHARE, a renewal
// does not.
const char* const schema_ddl = R"sql(
CREATE TABLE IF NOT EXISTS weir.pipelines (
  pipeline text PRIMARY KEY,
  fingerprint text NOT NULL,
  definition text NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  consistency text NOT NULL DEFAULT ''
);
COMMENT ON TABLE weir.pipelines IS 'Pipelines whose views are kept in this database.';

CREATE TABLE IF NOT EXISTS weir.views (
  pipeline text NOT NULL,
  view text NOT NULL,
  sink_schema text NOT NULL,
  sink_table text NOT NULL,
  state_table text NOT NULL UNIQUE,
  PRIMARY KEY (pipeline, view),
  UNIQUE (sink_schema, sink_table)
);
COMMENT ON TABLE weir.views IS 'The table of each view, and the table in schema weir with its exact sums.';

CREATE TABLE IF NOT EXISTS weir.nodes (
  pipeline text NOT NULL,
  node text NOT NULL,
  address text NOT NULL,
  slot text NOT NULL,
  state text NOT NULL,
  received pg_lsn NOT NULL,
  confirmed pg_lsn NOT NULL,
  flushed pg_lsn NOT NULL,
  lag_bytes bigint NOT NULL,
  lag_seconds double precision,
  failures integer NOT NULL,
  last_error text NOT NULL,
  updated timestamptz NOT NULL DEFAULT now(),
  kept_bytes bigint,
  kept_percent integer,
  kept_seconds_left double precision,
  PRIMARY KEY (pipeline, node)
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.nodes IS 'The servers a pipeline reads: how far, how far behind, and what went wrong last.';

CREATE TABLE IF NOT EXISTS weir.frontier (
  pipeline text NOT NULL,
  node text NOT NULL,
  slot text NOT NULL,
  system_id text NOT NULL,
  timeline integer NOT NULL,
  position pg_lsn NOT NULL,
  confirmed pg_lsn NOT NULL,
  commit_time timestamptz,
  isolated boolean NOT NULL DEFAULT false,
  ownership text,
  shapes text NOT NULL DEFAULT '',
  PRIMARY KEY (pipeline, node)
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.frontier IS
  'How far each node''s transactions are in the views: written in the transaction that writes the views.';

CREATE TABLE IF NOT EXISTS weir.members (
  pipeline text NOT NULL,
  node text NOT NULL,
  number smallint NOT NULL,
  share smallint NOT NULL,
  address text NOT NULL,
  left_at timestamptz,
  PRIMARY KEY (pipeline, node),
  UNIQUE (pipeline, number)
);
COMMENT ON TABLE weir.members IS
  'The nodes a pipeline reads or has read, with their numbers in the state tables; shards moved between those of one share.';

CREATE TABLE IF NOT EXISTS weir.cuts (
  pipeline text NOT NULL,
  number bigint NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  positions jsonb NOT NULL,
  PRIMARY KEY (pipeline, number)
);
COMMENT ON TABLE weir.cuts IS 'The last cuts of each pipeline, and the position of each node in them.';

CREATE TABLE IF NOT EXISTS weir.holds (
  pipeline text NOT NULL,
  reason text NOT NULL,
  node text NOT NULL,
  slot text NOT NULL,
  transaction text NOT NULL,
  position pg_lsn NOT NULL,
  since timestamptz NOT NULL,
  holds_node text NOT NULL,
  held bigint NOT NULL,
  cure text NOT NULL
);
CREATE INDEX IF NOT EXISTS holds_pipeline ON weir.holds (pipeline);
COMMENT ON TABLE weir.holds IS 'What the next cut of a pipeline waits for, or leaves out: weir why says it in words.';

CREATE TABLE IF NOT EXISTS weir.events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  pipeline text NOT NULL,
  level text NOT NULL,
  name text NOT NULL,
  node text NOT NULL,
  message text NOT NULL
);
CREATE INDEX IF NOT EXISTS events_pipeline ON weir.events (pipeline, id);
COMMENT ON TABLE weir.events IS 'What happened; each row was also sent as NOTIFY weir.';

CREATE TABLE IF NOT EXISTS weir.dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  pipeline text NOT NULL,
  node text NOT NULL,
  position pg_lsn NOT NULL,
  source text NOT NULL,
  view text NOT NULL,
  weight bigint NOT NULL,
  cause text NOT NULL,
  row_text text NOT NULL
);
CREATE INDEX IF NOT EXISTS dead_letters_pipeline ON weir.dead_letters (pipeline, id);
COMMENT ON TABLE weir.dead_letters IS 'Rows that could not be computed and are in no view.';

CREATE SEQUENCE IF NOT EXISTS weir.fence;
CREATE TABLE IF NOT EXISTS weir.lease (
  pipeline text PRIMARY KEY,
  fence bigint NOT NULL UNIQUE,
  holder text,
  session_locked boolean NOT NULL,
  expiry interval NOT NULL,
  acquired timestamptz NOT NULL,
  renewed timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.lease IS 'Which runtime may write a pipeline; no holder: it was given back.';

CREATE OR REPLACE VIEW weir.status AS
SELECT p.pipeline,
       CASE WHEN l.holder IS NOT NULL AND l.renewed + l.expiry > clock_timestamp() THEN 'running' ELSE 'stopped' END
         AS state,
       l.holder,
       l.renewed AS last_seen,
       c.number AS epoch,
       c.committed_at AS last_cut,
       clock_timestamp() - c.committed_at AS cut_age,
       n.nodes,
       n.failing_nodes,
       n.lag_bytes,
       n.lag_seconds,
       (SELECT count(*) FROM weir.dead_letters AS d WHERE d.pipeline = p.pipeline) AS dead_letters,
       p.consistency
FROM weir.pipelines AS p
LEFT JOIN weir.lease AS l USING (pipeline)
LEFT JOIN LATERAL (SELECT number, committed_at FROM weir.cuts WHERE cuts.pipeline = p.pipeline
                   ORDER BY number DESC LIMIT 1) AS c ON true
LEFT JOIN LATERAL (SELECT count(*) AS nodes, count(*) FILTER (WHERE state IN ('retrying', 'isolated', 'failed')) AS failing_nodes,
                          max(lag_bytes) AS lag_bytes, max(lag_seconds) AS lag_seconds
                   FROM weir.nodes WHERE nodes.pipeline = p.pipeline) AS n ON true;
COMMENT ON VIEW weir.status IS 'One row a pipeline: who runs it, its last cut, and the lag of its slowest node.';

CREATE OR REPLACE VIEW weir.health AS
WITH reasons AS (
  SELECT 2 AS severity,
         format('pipeline %s is not running%s', pipeline,
                coalesce(format(': %s was last seen %s', holder, last_seen), '')) AS reason
  FROM weir.status WHERE state <> 'running'
  UNION ALL
  SELECT 1, format('pipeline %s, node %s is %s: %s', pipeline, node, n.state, n.last_error)
  FROM weir.nodes AS n WHERE n.state IN ('retrying', 'isolated', 'failed')
  UNION ALL
  SELECT 1, format('pipeline %s: %s rows could not be computed, see weir.dead_letters', pipeline, dead_letters)
  FROM weir.status WHERE dead_letters > 0
)
SELECT CASE coalesce(max(severity), 0) WHEN 0 THEN 'ok' WHEN 1 THEN 'degraded' ELSE 'down' END AS state,
       coalesce(array_agg(reason ORDER BY severity DESC, reason), '{}') AS reasons
FROM reasons;
COMMENT ON VIEW weir.health IS 'One row: ok, degraded or down, and why.';
)sql";

} // namespace weir::postgres
