#include "runtime/postgres/target_ddl.hpp"

namespace weir::postgres {

// Both run with the rights of who calls them, and read nothing else: EXECUTE is everybody's.
//
// cut_of is STABLE: it then sees what the calling query sees, so that its number belongs to the rows beside it. It
// names no search_path, for it is the caller's that finds the table.
// wait looks anew each time, which READ COMMITTED alone allows. Positions without changes of a view are worth a cut
// every 10 s: it waits longer than that.
const char* const functions_ddl = R"sql(
CREATE OR REPLACE FUNCTION weir.cut_of(view text) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $body$
#variable_conflict use_column
DECLARE
  shown bigint;
BEGIN
  SELECT coalesce((SELECT max(c.number) FROM weir.cuts AS c WHERE c.pipeline = v.pipeline), 0) INTO shown
  FROM pg_catalog.pg_class AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  JOIN weir.views AS v ON v.sink_schema = n.nspname AND v.sink_table = t.relname
  WHERE t.oid = pg_catalog.to_regclass(cut_of.view);
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'undefined_table',
      MESSAGE = pg_catalog.format('%s is no table in which weir keeps a view', cut_of.view),
      HINT = 'SELECT sink_schema, sink_table FROM weir.views lists them; outside of the search_path write SCHEMA.TABLE';
  END IF;
  RETURN shown;
END
$body$;
COMMENT ON FUNCTION weir.cut_of(text) IS
  'The number of the cut that this query sees in the table of a view; 0 before the first.';

CREATE OR REPLACE FUNCTION weir.wait(node text, "position" pg_lsn, timeout interval DEFAULT '15 s',
                                     pipeline text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $body$
#variable_conflict use_column
DECLARE
  until timestamptz := clock_timestamp() + wait.timeout;
  readers text[];
  shown pg_lsn;
  cut bigint;
BEGIN
  IF wait.node IS NULL OR wait."position" IS NULL OR wait.timeout IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
      MESSAGE = 'weir.wait needs a node, a position and a timeout that are not null',
      HINT = 'for example: SELECT weir.wait(''w1'', ''0/1A2B3C'')';
  END IF;
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
    RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('weir.wait would wait for ever: a %s transaction sees no cut that came after it began',
                       current_setting('transaction_isolation')),
      HINT = 'call it before that transaction, or in READ COMMITTED';
  END IF;
  SELECT array_agg(pipeline ORDER BY pipeline) INTO readers
  FROM (SELECT pipeline, node FROM weir.nodes UNION SELECT pipeline, node FROM weir.frontier) AS known
  WHERE node = wait.node AND pipeline = coalesce(wait.pipeline, pipeline);
  IF readers IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
      MESSAGE = CASE WHEN wait.pipeline IS NULL THEN format('no pipeline reads a node "%s"', wait.node)
                     ELSE format('no pipeline "%s" reads a node "%s"', wait.pipeline, wait.node) END,
      HINT = (SELECT coalesce('there are: ' || string_agg(format('%s of %s', node, pipeline), ', '
                                                         ORDER BY pipeline, node), 'start one: weir run')
              FROM (SELECT pipeline, node FROM weir.nodes UNION SELECT pipeline, node FROM weir.frontier) AS known);
  ELSIF cardinality(readers) > 1 THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('node "%s" is read by several pipelines: %s', wait.node, array_to_string(readers, ', ')),
      HINT = format('name the one whose view is read: weir.wait(%L, %L, pipeline => %L)', wait.node, wait."position",
                    readers[1]);
  END IF;
  LOOP
    SELECT f.position, (SELECT max(c.number) FROM weir.cuts AS c WHERE c.pipeline = f.pipeline) INTO shown, cut
    FROM weir.frontier AS f WHERE f.pipeline = readers[1] AND f.node = wait.node;
    EXIT WHEN shown >= wait."position";
    IF clock_timestamp() >= until THEN
      RAISE EXCEPTION USING ERRCODE = 'query_canceled',
        MESSAGE = format('after %s pipeline %s does not show node %s up to %s: it is at %s', wait.timeout, readers[1],
                         wait.node, wait."position", coalesce(shown::text, 'no cut yet')),
        HINT = 'weir why, or SELECT * FROM weir.holds, says what it waits for; weir.status, whether it runs';
    END IF;
    PERFORM pg_sleep(least(0.005, greatest(0, extract(epoch FROM until - clock_timestamp()))));
  END LOOP;
  RETURN cut;
END
$body$;
COMMENT ON FUNCTION weir.wait(text, pg_lsn, interval, text) IS
  'Returns, with the number of the cut, as soon as the views hold what a node did up to a position of its WAL.';
)sql";

} // namespace weir::postgres
