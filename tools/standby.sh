# shellcheck shell=bash disable=SC2154 # the variables are those of tools/cluster
# Servers that follow another one: a part of tools/cluster, whose functions and variables it uses.

add_standby() { # PRIMARY
  local name=$1_standby
  need_new_name "$name"
  trap 'undo_new "${node}_standby"' EXIT
  as_server mkdir "$dir/$name"
  as_server env PGPASSFILE="$dir/server.pgpass" "$bin/pg_basebackup" -D "$dir/$name/data" --checkpoint=fast --no-sync \
    --write-recovery-conf --create-slot --slot "$name" -d "host=127.0.0.1 port=$(cat "$dir/$1/port") user=postgres" ||
    die "$1 could not be copied"
  # What the slots need of the catalogs stays on the primary, and of the WAL here, also before they are copied.
  [ "$slots" = no ] || printf '%s\n' 'hot_standby_feedback = on' "wal_keep_size = '1GB'" |
    as_server tee -a "$dir/$name/data/postgresql.auto.conf" >/dev/null
  admit "$name"
  [ "$slots" = no ] || copy_slots "$1" "$name"
  echo "$name" >>"$dir/cluster"
  write_files
  trap - EXIT
}

# The names of the primary's logical slots, those of moves and splits left out; with a condition, of those it holds for.
logical_slots() { # PRIMARY [CONDITION]
  psql -X -q -At -v ON_ERROR_STOP=1 -d "$(conninfo "$1" postgres postgres)" -c "select slot_name from pg_replication_slots
    where slot_type = 'logical' and not temporary and slot_name !~ '^citus_shard_' and (${2:-true})"
}

# Before version 17 a standby has logical slots only as their files, which are copied while it is stopped, and moved
# forward now and then by pg_replication_slot_advance(). That is what Patroni does for slots that it keeps permanently.
# The snapshots of catalogs that decoding begins with are copied, too; Patroni leaves them out.
copy_slots() { # PRIMARY STANDBY
  local primary=$dir/$1/data standby=$dir/$2/data first tries=0 name
  first=$(sed -n 's/^START WAL LOCATION: \([^ ]*\) .*/\1/p' "$standby/backup_label.old")
  while [ -n "$(logical_slots "$1" "restart_lsn < '$first'")" ]; do
    ((++tries <= 120)) || die "slots of $1 need WAL from before $2 was made: $(logical_slots "$1" "restart_lsn < '$first'" | tr '\n' ' ')"
    superuser "$1" postgres <<<'checkpoint' # which logs what a slot needs to get on
    sleep 0.5
  done
  stop_node "$2" fast
  while read -r name; do
    as_server cp -R "$primary/pg_replslot/$name" "$standby/pg_replslot/"
  done < <(logical_slots "$1")
  as_server cp -R "$primary/pg_logical/snapshots" "$standby/pg_logical/"
  start_node "$2"
}
