#include <malloc.h>

#include <CLI/CLI.hpp>

#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"

namespace {

using weir::program::command_line;

constexpr const char* footer = R"(
Examples
  weir doctor pipelines/orders/orders.pipe            can these servers run it? what is missing, with its cure
  weir setup --print-sql pipelines/orders/orders.pipe --role weir     what an administrator has to run once
  weir check pipelines/orders/orders.pipe             are names, types and replica identities right?
  weir plan  pipelines/orders/orders.pipe             what would run, with the SQL of tables and loads; --format svg
  weir run   pipelines/orders/orders.pipe --config weir.yaml
  weir run   pipelines/orders                         every pipeline of a directory, in one process
  weir status pipelines/orders/orders.pipe            what runs, how far behind, what failed
  weir why   revenue pipelines/orders/orders.pipe     what holds the next cut of the view revenue
  weir wait  pipelines/orders/orders.pipe --node w1 --lsn 0/1A2B3C    until the views show what w1 did up to there
  weir verify pipelines/orders/orders.pipe --sample 5 is that what the query gives, for 5 % of the groups?
  weir drop  pipelines/orders/orders.pipe --views     leave nothing behind
  weir test  pipelines/orders/orders.pipe --schema pipelines/orders/schema.sql    what tests say of it, without any server
  weir fmt   pipelines/                               definition files in their canonical form
  weir explain W0203                                  what a finding means, with an example and its cure

Connections are libpq's: passwords belong into ~/.pgpass, a service file or the environment, not into these files.

Exit codes
  0 success (run: stopped in order)      3 errors in the definition or configuration
  1 failed while running; test: a test   4 a server is out of reach or cannot serve the pipeline
  2 bad command line                     5 the pipeline is run by another runtime
                                         6 wait, verify: not visible in time
                                         7 verify: a view is not what its query gives
                                         8 doctor --strict: warnings, no errors)";

constexpr const char* why_footer = R"(
  weir why revenue orders.pipe                         the pipeline of one view
  weir why --target "host=10.0.0.1 dbname=shop"        all pipelines of a target

For each cause: how long, which node and slot, which transaction, what waits for it, and the command that resolves it.
The same stands in the table weir.holds.)";

constexpr const char* wait_footer = R"text(
Read your own writes: take the position on the node after COMMIT, wait, then read the view.

  lsn=$(psql "$w1" -qAt -c "INSERT INTO orders …" -c "SELECT pg_current_wal_lsn()")
  weir wait orders.pipe --node w1 --lsn "$lsn" && psql "$target" -c "SELECT * FROM analytics.revenue"
  weir wait --target "host=10.0.0.1 dbname=shop" --pipeline orders --node w1 --lsn 0/1A2B3C --timeout 1min --json

Exit code 0: visible. 6: not within the timeout. In SQL the same is: SELECT weir.wait('w1', '0/1A2B3C'))text";

constexpr const char* test_footer = R"(
A test stands in the definition: rows, transactions of workers, what of them reaches weir and when, failures, and what the
views have to show then. docs/language.md has the steps. The pipeline's own actors and machines run, in virtual time; the
workers and the target are simulated. With --schema no server is needed; without it tables are as the servers have them.

  weir test orders.pipe --schema schema.sql
  weir test orders.pipe --schema schema.sql --filter "at once" --junit report.xml

Exit code 1 if a test failed, or none was there to run.)";

constexpr const char* plan_footer = R"(
  weir plan orders.pipe                                   servers, sources, views with their columns, state and SQL
  weir plan orders.pipe --format svg > orders.svg         actors, and the operators of each view, drawn
  weir plan orders.pipe --format dot                      the same for Graphviz
  weir plan orders.pipe --format mermaid                  the same for a page of Markdown
  weir plan orders.pipe --format json                     all of it, for programs (docs/tools.md); --json is the same
  weir plan orders.pipe --diff                            what changes since the version that ran, and what run will do)";

constexpr const char* fmt_footer = R"(
  weir fmt orders.pipe                 written in place, if it is not in canonical form yet
  weir fmt pipelines/                  all .pipe files in a directory, and in those inside it
  weir fmt --check pipelines/          writes nothing, names the files that are not in canonical form; exit code 1
  weir fmt - < orders.pipe             from standard input to standard output

Tokens and comments stay as they are, but for the case of keywords. Two blanks of indentation, lines of at most 100
characters, the clauses of a query on lines of their own, comments at their line. A file that does not parse is laid out
as well; one with a string or comment that does not end is left alone: exit code 3.)";

constexpr const char* explain_footer = R"(
  weir explain W0203      when it is said and why, the smallest program that raises it, and the same mended
  weir explain            all codes, a line each)";

constexpr const char* one_program = "definition files (.pipe); together they are one program";
constexpr const char* programs = "definition files (.pipe), together one program; or directories, whose files with a "
                                 "pipeline statement are programs of their own";

CLI::App* add_command(CLI::App& app, command_line& line, const char* name, const char* about,
                      const char* files_are = one_program) {
  auto* command = app.add_subcommand(name, about);
  command->add_option("FILE", line.files, files_are);
  command->add_option("--config", line.config, "weir.yaml: clusters, log, memory")->check(CLI::ExistingFile);
  return command;
}

void add_verify_options(CLI::App& verify, command_line& line) {
  verify.get_option("FILE")->description(std::string(programs) + "; a word that names no file names a view to verify");
  verify.add_option("--sample", line.verify.percent, "percent of the groups, other ones each time")
      ->check(CLI::Range(0.0001, 100.0));
  verify.add_option("--seed", line.verify.seed, "of the sample: the same groups again");
  verify.add_option("--keys", line.verify.keys, "FROM..TO: values of the first key; either end may be left out");
  verify.add_option("--timeout", line.verify.timeout, "for slots to be made, and for the views to get there")
      ->capture_default_str();
}

/// Batches of a few hundred kilobytes come and go all the time: they are to be reused, not given back to the system
/// page by page and asked for again. What is in use is bounded by the memory budget anyway.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
}

} // namespace

int main(int argc, char* argv[]) {
  keep_freed_memory();
  command_line line;
  CLI::App app{"weir keeps SQL views of a sharded PostgreSQL cluster current, from outside the database.", "weir"};
  app.set_version_flag("--version", "weir " WEIR_VERSION);
  app.footer(footer);
  app.require_subcommand(1);

  auto* run = add_command(app, line, "run", "Keep the views of a pipeline current until stopped", programs);
  run->add_option("--log-format", line.log_format, "text or json")->check(CLI::IsMember({"text", "json"}));
  run->add_option("--log-level", line.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "warning", "error"}));
  auto* check =
      add_command(app, line, "check", "Find every error of a definition, against the servers' catalogs", programs);
  auto* plan = add_command(app, line, "plan", "Show what would run", programs);
  plan->add_option("--format", line.format, "text, svg, dot (Graphviz), mermaid or json")
      ->check(CLI::IsMember({"text", "svg", "dot", "mermaid", "json"}));
  plan->add_flag("--diff", line.diff, "what would change since the version that is registered, and what run does then");
  plan->footer(plan_footer);
  auto* test =
      add_command(app, line, "test", "Run the test blocks of a definition against simulated workers", programs);
  test->add_option("--filter", line.filter, "only tests whose name has this text in it");
  test->add_option("--junit", line.junit, "write a report in JUnit's XML to this file");
  test->footer(test_footer);
  for (auto* command : {check, plan, test}) {
    auto* schema = command->add_option("--schema", line.schemas,
                                       "SQL that makes the tables (pg_dump --schema-only), in place of the servers");
    schema->check(CLI::ExistingFile);
    command->add_flag("--offline", line.offline, "ask no server; needs --schema")->needs(schema);
  }
  auto* status = add_command(app, line, "status", "Show what runs, from the target's schema weir", programs);
  status->add_option("--target", line.target, "connection string of the target, instead of FILE");
  auto* verify = add_command(app, line, "verify", "Compare views of a running pipeline with their queries", programs);
  add_verify_options(*verify, line);
  auto* drop =
      add_command(app, line, "drop", "Remove a pipeline: slots, publications, its rows in schema weir", programs);
  drop->add_flag("--views", line.views, "remove the view tables too");
  auto* doctor =
      add_command(app, line, "doctor", "Examine every server: what fits, what does not, and what cures it", programs);
  doctor->add_flag("--verbose", line.verbose, "what is well, too");
  doctor->add_flag("--strict", line.strict, "warnings count: exit code 8");
  auto* setup =
      add_command(app, line, "setup", "Print what an administrator has to run once, for each server", programs);
  setup->add_flag("--print-sql", line.print_sql, "print the statements; nothing is run")->required();
  setup->add_option("--role", line.role, "the role weir connects as; the connection strings' own if not given");
  setup->add_option("--as", line.as, "look into the servers with other parameters: \"user=postgres\"");
  auto* wait =
      add_command(app, line, "wait", "Wait until the views show what a node did up to a position of its WAL", programs);
  wait->add_option("--target", line.target, "connection string of the target, instead of FILE");
  wait->add_option("--pipeline", line.pipeline, "name of the pipeline, instead of FILE; or which of a directory's");
  wait->add_option("--node", line.node, "name of the node, as in the definition")->required();
  wait->add_option("--lsn", line.lsn, "position, as pg_current_wal_lsn() says it")->required();
  wait->add_option("--timeout", line.timeout, "a number and a unit: 500ms, 10s, 2min")->capture_default_str();
  wait->footer(wait_footer);
  auto* why = app.add_subcommand("why", "Say what holds the next cut");
  why->add_option("VIEW|FILE", line.files, "name of a view, and the definition files (.pipe)");
  why->add_option("--config", line.config, "weir.yaml: clusters, log, memory")->check(CLI::ExistingFile);
  why->add_option("--target", line.target, "connection string of the target, instead of FILE");
  why->footer(why_footer);
  auto* format = app.add_subcommand("fmt", "Write definition files in their canonical form");
  format->add_option("FILE|DIR", line.files, "definition files, directories of them, or - for standard input")
      ->required();
  format->add_flag("--check", line.check, "write nothing; name the files that would change, with exit code 1");
  format->footer(fmt_footer);
  auto* explain = app.add_subcommand("explain", "Say what a code of a finding means, and what mends it");
  explain->add_option("CODE", line.code, "as findings show it: W0203; without it, all are listed");
  explain->footer(explain_footer);
  for (auto* command : {run, check, plan, test, verify, drop, doctor, setup}) command->get_option("FILE")->required();
  for (auto* command : {check, plan, status, verify, drop, doctor, wait, why})
    command->add_flag("--json", line.json, "machine-readable output");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? weir::program::success : weir::program::bad_command_line;
  }
  if (run->parsed()) return weir::program::run(line);
  if (check->parsed()) return weir::program::check(line);
  if (plan->parsed()) return weir::program::plan(line);
  if (test->parsed()) return weir::program::test(line);
  if (status->parsed()) return weir::program::status(line);
  if (wait->parsed()) return weir::program::wait(line);
  if (why->parsed()) return weir::program::why(line);
  if (doctor->parsed()) return weir::program::doctor(line);
  if (setup->parsed()) return weir::program::setup(line);
  if (explain->parsed()) return weir::program::explain(line);
  if (format->parsed()) return weir::program::format(line);
  if (verify->parsed()) return weir::program::verify(line);
  return weir::program::drop(line);
}
