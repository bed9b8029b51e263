# Shared by the scripts in tools/: messages, dependencies, the build, and small questions to servers. Sourced, never run.
# shellcheck shell=bash

weir_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
weir_build=${WEIR_BUILD:-$weir_root/build}

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
usage_error() {
  printf '%s: %s (%s --help says more)\n' "${0##*/}" "$*" "$0" >&2
  exit 2
}

# The comment block at the head of the calling script is its help.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; }

# The value of an option: need_value --dir "$@" fails unless a value follows.
need_value() { [ $# -ge 3 ] || usage_error "$1 needs a value"; }
need_number() {
  need_value "$@"
  [[ $3 =~ ^[0-9]+$ ]] || usage_error "$1 needs a number, not '$3'"
}

# step NAME COMMAND…: one line a step; the log only if it fails.
step() {
  local name=$1 log started seconds
  shift
  log=$(mktemp)
  started=$EPOCHREALTIME
  if "$@" >"$log" 2>&1; then
    seconds=$(seconds_since "$started")
    printf '%-34s ok    %6.1f s\n' "$name" "$seconds"
    rm -f "$log"
  else
    local code=$?
    printf '%-34s FAILED\n' "$name"
    sed 's/^/    /' "$log" >&2
    rm -f "$log"
    return "$code"
  fi
}

# Arithmetic on decimals; the shell has only integers.
calc() { awk "BEGIN { printf \"%.6f\", $* }" </dev/null; }
seconds_since() { calc "$EPOCHREALTIME - $1"; }

weir_packages=(g++ cmake ninja-build ccache pkg-config libcaf-dev tao-pegtl-dev libyaml-cpp-dev libspdlog-dev libfmt-dev
  catch2 libcli11-dev nlohmann-json3-dev librapidcheck-dev robin-map-dev libgmp-dev libre2-dev libcctz-dev tzdata libpq-dev postgresql)

# install_dependencies [PACKAGE…]: installs with apt what is missing of weir_packages and PACKAGE…; touches nothing else.
install_dependencies() {
  command -v dpkg-query >/dev/null ||
    { say "no dpkg here: install by hand, if missing: ${weir_packages[*]} $*" && return 0; }
  local wanted=("${weir_packages[@]}" "$@") package missing=() as_root=()
  for package in "${wanted[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing packages: ${missing[*]}; install them as root, or install sudo"
    as_root=(sudo env)
  else
    as_root=(env)
  fi
  as_root+=(DEBIAN_FRONTEND=noninteractive)
  printf 'installing: %s\n' "${missing[*]}"
  local install=("${as_root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}") log
  log=$(mktemp)
  # The package lists may be absent or older than the mirror: then one update, and once more.
  if ! "${install[@]}" >"$log" 2>&1 &&
    ! { "${as_root[@]}" apt-get update -qq >>"$log" 2>&1 && "${install[@]}" >>"$log" 2>&1; }; then
    cat "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# build [TARGET…]: configures if need be and builds into $weir_build.
build() {
  cmake -G Ninja -S "$weir_root" -B "$weir_build" >"$weir_build.log" 2>&1 || {
    cat "$weir_build.log" >&2
    rm -f "$weir_build.log"
    return 1
  }
  rm -f "$weir_build.log"
  ninja -C "$weir_build" --quiet "$@"
}

# The newest PostgreSQL installed, as Debian lays it out, or the one in PATH.
find_postgres() {
  local dir
  dir=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [ -x "$dir/initdb" ] && printf '%s\n' "$dir" && return 0
  command -v initdb >/dev/null && dirname "$(command -v initdb)" && return 0
  die "no PostgreSQL server is installed: apt-get install postgresql"
}

# Is the extension citus installed for the PostgreSQL that find_postgres finds?
has_citus() {
  local bin
  bin=$(find_postgres)
  [ -e "$("$bin/pg_config" --pkglibdir 2>/dev/null || echo "$bin/../lib")/citus.so" ]
}

# sql CONNINFO SQL: the answer, bare, one row a line, columns apart by |.
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }


# find_program: the weir to run in $weir: $WEIR_PROGRAM if it is set, else the one built now. $weir_build_of is its build.
find_program() {
  if [ -n "${WEIR_PROGRAM:-}" ]; then
    weir=$WEIR_PROGRAM
  else
    step "dependencies" install_dependencies
    step "build" build weir bench_latency bench_cuts bench_sink
    weir=$weir_build/weir
  fi
  # shellcheck disable=SC2034 # for the scripts
  weir_build_of=$(dirname "$weir")
}

# What a script started, and takes with it on every way out.
work=
weir_pid=
clean_up() {
  local code=$? children
  trap - EXIT INT TERM
  [ -t 1 ] && printf '\033[?25h'
  [ -z "$weir_pid" ] || kill -9 "$weir_pid" 2>/dev/null || true
  mapfile -t children < <(jobs -p)
  [ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  [ -z "$work" ] || [ ! -f "$work/cluster/cluster" ] || "$weir_root/tools/cluster" down --dir "$work/cluster" || true
  [ -z "$work" ] || rm -rf "$work"
  exit "$code"
}

# own_cluster WORKERS: servers of this script's own under $work, gone when it is. Sets WEIR_COORDINATOR, WEIR_W1 …, and $workers.
own_cluster() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/weir-${0##*/}.XXXXXX")
  chmod 755 "$work"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  step "$1 workers and a coordinator" "$weir_root/tools/cluster" up --nodes "$1" "${@:2}" --dir "$work/cluster" --with $$
  # shellcheck disable=SC1091
  source "$work/cluster/env"
  workers=()
  local i name
  for ((i = 1; i <= $1; ++i)); do
    name=WEIR_W$i
    workers+=("${!name}")
  done
}

# start_weir FILE…: weir run in the background, its log in $work/weir.log.
start_weir() {
  "$weir" run "$@" --config "$work/cluster/weir.yaml" >>"$work/weir.log" 2>&1 </dev/null &
  weir_pid=$!
}
weir_runs() { [ -n "$weir_pid" ] && kill -0 "$weir_pid" 2>/dev/null; }
weir_failed() {
  cat "$work/weir.log" >&2
  die "$1"
}
# until_target SECONDS WHAT CONDITION: waits until the SQL CONDITION is true at the target; fails with weir's log otherwise.
until_target() {
  local deadline=$((SECONDS + $1))
  until [ "$(sql "$WEIR_COORDINATOR" "select $3" 2>/dev/null)" = t ]; do
    weir_runs || weir_failed "weir ended while waiting for: $2"
    [ "$SECONDS" -lt "$deadline" ] || weir_failed "after $1 s still waiting for: $2"
    sleep 0.1
  done
}
# stop_weir: SIGTERM, and its exit status must be 0.
stop_weir() {
  local pid=$weir_pid
  kill -TERM "$pid"
  wait "$pid" || weir_failed "weir did not stop in order"
  weir_pid=
}

# frontier_passed PIPELINE POSITION…: an SQL condition: all nodes' frontiers are at or behind these, w1's first.
frontier_passed() {
  local pipeline=$1 condition=true i=0 position
  shift
  for position in "$@"; do
    i=$((i + 1))
    condition+=" and exists (select from weir.frontier where pipeline = '$pipeline' and node = 'w$i' and position >= '$position')"
  done
  printf '%s\n' "$condition"
}
# positions: the end of every worker's WAL, w1's first. A message goes behind it, or passing it would take a heartbeat.
positions() {
  local worker
  for worker in "${workers[@]}"; do
    sql "$worker" "select pg_current_wal_insert_lsn()"
    sql "$worker" "select pg_logical_emit_message(true, '${0##*/}', '')" >/dev/null
  done
}

# view_differences VIEW TABLE QUERY: how many rows the view and the QUERY over the TABLE of all workers do not share. The rows
# of all workers are put into one scratch table of the target, and the QUERY, with TABLE unqualified, runs there.
view_differences() {
  local view=$1 table=$2 query=$3 worker
  sql "$WEIR_COORDINATOR" "drop schema if exists recomputed cascade; create schema recomputed" 2>/dev/null
  pg_dump --schema-only --section=pre-data -t "$table" -d "$WEIR_W1" | sed "s/public\.$table/recomputed.$table/g" |
    sed -n "/^CREATE TABLE/,/;/p" | sed "s/ DEFAULT nextval([^)]*)//" | psql -X -q -v ON_ERROR_STOP=1 -d "$WEIR_COORDINATOR"
  for worker in "${workers[@]}"; do
    psql -X -q -d "$worker" -c "copy $table to stdout" | psql -X -q -v ON_ERROR_STOP=1 -d "$WEIR_COORDINATOR" -c "copy recomputed.$table from stdin"
  done
  sql "$WEIR_COORDINATOR" "set search_path = recomputed; with v as (select the_view::text from $view the_view), q as (select the_query::text from ($query) the_query)
    select (select count(*) from (select * from v except all select * from q) a) + (select count(*) from (select * from q except all select * from v) b)"
}

# with_commas NUMBER
with_commas() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }
