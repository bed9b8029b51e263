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
  catch2 libcli11-dev nlohmann-json3-dev librapidcheck-dev robin-map-dev libgmp-dev libpq-dev postgresql)

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

# sql CONNINFO SQL: the answer, bare, one row a line, columns apart by |.
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }

