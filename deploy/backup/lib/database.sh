# shellcheck shell=bash disable=SC2034,SC2154 # from common.sh, for others
# PostgreSQL: one snapshot of all schemas, and what every table held in it. To be sourced.

database_settings() { # database_settings [reader] : as the superuser, or as the role that reads everything and changes nothing
  export PGDATABASE PGCONNECT_TIMEOUT=10
  PGDATABASE=$(setting PGDATABASE ai_english)
  as_postgres=()
  local address host port password
  address=$(setting POSTGRES_ADDRESS 127.0.0.1:5432)
  host=${PGHOST:-${address%:*}} port=${PGPORT:-${address##*:}}
  password=$(setting BACKUP_DB_PASSWORD)
  if [[ ${1-} == reader && -n $password && -z ${PGUSER:-}${PGPASSWORD:-} ]] &&
    PGHOST=$host PGPORT=$port PGUSER=ai_english_backup PGPASSWORD=$password psql -XqAtc 'SELECT 1' >/dev/null 2>&1; then
    export PGHOST=$host PGPORT=$port PGUSER=ai_english_backup PGPASSWORD=$password
  else
    password=$(setting PGPASSWORD "$(setting POSTGRES_PASSWORD)")
    if [[ -n $password || -n ${PGHOST:-} ]]; then
      export PGHOST=$host PGPORT=$port PGUSER=${PGUSER:-postgres}
      [[ -z $password ]] || export PGPASSWORD=$password
    elif [[ $(id -u) == 0 ]]; then
      # As Debian sets it up: the account postgres needs no password on its own machine.
      as_postgres=(setpriv --reuid postgres --regid postgres --init-groups --)
    fi
  fi
  database_place="database $PGDATABASE on ${PGHOST:-this machine}${PGPORT:+:$PGPORT}"
}
pg() { (cd / && exec "${as_postgres[@]}" "$@"); }
sql() { pg psql -XqAt -v ON_ERROR_STOP=1 "$@"; }

# A snapshot stands as long as the session that exported it.
open_snapshot() {
  local answer
  coproc SESSION { pg psql -XqAt -v ON_ERROR_STOP=1 2>"$work/session.log"; }
  # A subshell has the shell's own copies, but not those of the coprocess.
  exec {session_in}>&"${SESSION[1]}" {session_out}<&"${SESSION[0]}"
  cat >&"$session_in" <<'SQL'
SET idle_in_transaction_session_timeout = 0;
SET statement_timeout = 0;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot();
SQL
  read -r -t 60 answer <&"$session_out" || die "$FAILED" "PostgreSQL gives no snapshot: $(tail -n 3 "$work/session.log")"
  snapshot=$answer
}
close_snapshot() {
  echo '\q' >&"$session_in" || true
}

ask_snapshot() { # ask_snapshot FILE : runs SQL in the snapshot's session and prints what it says
  local line
  { cat "$1" && printf '\n\\echo =end=\n'; } >&"$session_in"
  while IFS= read -r line <&"$session_out"; do
    [[ $line != =end= ]] || return 0
    printf '%s\n' "$line"
  done
  die "$FAILED" "the session of the snapshot ended: $(tail -n 3 "$work/session.log")"
}

dump_database() { # dump_database FILE TABLES : the dump, and a line `table|rows|checksum` for each table
  pg pg_dump -Fc --snapshot="$snapshot" >"$1"
  pg_restore --list "$1" >/dev/null
  ask_snapshot "$here/lib/tables.sql" >"$2"
  [[ -s $2 ]] || die "$FAILED" "the database has no tables"
}

migrations() { # prints `schema version` of every schema that has migrations
  local schemas schema
  schemas=$(sql -c "SELECT schemaname FROM pg_tables WHERE tablename = 'refinery_schema_history' ORDER BY 1")
  for schema in $schemas; do
    echo "SELECT '$schema', coalesce(max(version), 0) FROM $schema.refinery_schema_history;"
  done >"$work/migrations.sql"
  ask_snapshot "$work/migrations.sql" | tr '|' ' '
}

running_services() { # names the services that have a session in the database
  sql -c "SELECT DISTINCT coalesce(nullif(application_name, ''), usename) FROM pg_stat_activity
           WHERE datname = current_database() AND usename ~ '_svc\$' AND pid <> pg_backend_pid() ORDER BY 1"
}

# All or nothing: schemas are dropped, restored and compared with the manifest in one transaction.
restore_database() { # restore_database FILE TABLES
  [[ $(sql -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$PGDATABASE'") == 1 ]] ||
    sql -d postgres -c "CREATE DATABASE \"$PGDATABASE\""
  # Roles belong to the server and not to the dump.
  PGOPTIONS='-c client_min_messages=warning' sql -f - <"$here/../postgres/roles.sql"
  {
    cat <<'SQL'
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
 WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
\gexec
SQL
    # The dump sets what it needs for the whole session; the transaction is ours.
    pg_restore -f - "$1" || exit
    cat <<'SQL'
CREATE TEMP TABLE expected (name text, rows bigint, checksum numeric);
CREATE TEMP TABLE restored (name text, rows bigint, checksum numeric);
COPY pg_temp.expected FROM stdin WITH (DELIMITER '|');
SQL
    cat "$2"
    printf '%s\n' '\.' "\\set into 'INSERT INTO pg_temp.restored '"
    cat "$here/lib/tables.sql"
    cat <<'SQL'
DO $$
DECLARE
    differing text;
BEGIN
    SELECT string_agg(name, ', ') INTO differing
      FROM (SELECT * FROM pg_temp.expected EXCEPT SELECT * FROM pg_temp.restored
            UNION (SELECT * FROM pg_temp.restored EXCEPT SELECT * FROM pg_temp.expected)) AS tables;
    IF differing IS NOT NULL THEN
        RAISE EXCEPTION 'restored tables are not what the backup held: %', differing;
    END IF;
END
$$;
COMMIT;
SQL
  } 2>"$work/dump.log" | sql >"$work/restore.log" 2>&1 ||
    # Only what is wrong: the lines about it may show data.
    die "$FAILED" "the database is as it was: $(cat "$work/dump.log" "$work/restore.log" | grep -i 'error:' | head -n 3)"
}
