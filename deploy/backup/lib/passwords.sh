# shellcheck shell=bash disable=SC2154 # from common.sh
# Passwords of the database that a restored configuration names. To be sourced.

# The server may have been set up with others, as on a new machine.
adopt_passwords() { # adopt_passwords FOLDER
  local superuser='' name complete=yes
  [[ ! -f $1/env ]] || superuser=$(read_settings "$1/env" POSTGRES_PASSWORD)
  [[ ! -f $1/secret ]] || superuser=$(<"$1/secret")
  sql -d postgres -c 'SELECT 1' >/dev/null 2>&1 || { say "the database is away: its passwords stay as they are"; return 0; }
  if [[ -f $1/env ]]; then
    for name in AUTH_DB_PASSWORD LEARNING_DB_PASSWORD AI_DB_PASSWORD EXPORT_DB_PASSWORD; do
      export "$name=$(read_settings "$1/env" "$name")"
      [[ -n ${!name} ]] || complete=
    done
    # Backups of before these roles have no passwords for them.
    for name in MONITOR_DB_PASSWORD BACKUP_DB_PASSWORD; do
      export "$name=$(read_settings "$1/env" "$name")"
      [[ -n ${!name} ]] || unset "$name"
    done
    [[ -z $complete ]] || pg "$here/../postgres/prepare" >/dev/null
  fi
  if [[ -n $superuser && -n ${PGPASSWORD:-} && $superuser != "$PGPASSWORD" ]]; then
    SUPERUSER_PASSWORD=$superuser sql -d postgres >/dev/null <<'SQL'
\getenv password SUPERUSER_PASSWORD
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SELECT format('ALTER ROLE %I PASSWORD %L', current_user, :'password') \gexec
SQL
    export PGPASSWORD=$superuser
  fi
}
