# shellcheck shell=bash disable=SC2034 # others use these
# Settings, messages, locks and workspaces of `backup`, `verify`, `restore` and `fetch`. To be sourced.
#
# Settings come from the environment, and what is not there from the file of settings (AI_ENGLISH_ENV, else .env two folders
# above this script's). NAME_FILE names a file with the value of a secret. What the services know already is not asked again.
#
#   BACKUP_DIR               where backups lie (./backups beside .env)
#   BACKUP_KEEP_DAYS         30; BACKUP_REDIS_KEEP_DAYS: 7, of those of Redis alone
#   BACKUP_MIN_FREE          bytes that must be free beside what the last backup took (1 GiB)
#   BACKUP_CONFIG            what belongs to the configuration: name=path[:name=path…]; paths that are not there are left out
#   BACKUP_METRICS_DIR       where node_exporter looks for text files (that of Debian's package, if it is there)
#   BACKUP_WAIT              60: seconds that a restore waits for Qdrant
#   BACKUP_AGE_RECIPIENTS    public keys (age1…, separated by blanks): backups are encrypted. The secret key stays elsewhere.
#   BACKUP_S3_BUCKET, BACKUP_S3_ENDPOINT, BACKUP_S3_REGION, BACKUP_S3_PREFIX, BACKUP_S3_ACCESS_KEY, BACKUP_S3_SECRET_KEY
#                            a copy of every full backup goes there; only an encrypted one
#   PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE
#                            the superuser's way to the database, else POSTGRES_ADDRESS and POSTGRES_PASSWORD; without a
#                            password root becomes the account postgres, as Debian sets it up. A backup is made by the
#                            role ai_english_backup, which changes nothing, where BACKUP_DB_PASSWORD is that of it
#   REDIS_URL, or REDIS_ADDRESS and REDIS_PASSWORD; VECTOR_DIR, or QDRANT_URL, QDRANT_HOST, QDRANT_PORT, QDRANT_API_KEY; EXPORT_DIR, or EXPORT_S3_…; UPLOAD_DIR

set -euo pipefail
shopt -s inherit_errexit
umask 077
export LC_ALL=C.UTF-8
# What scripts end with is 100 less, so that the status of some program is not taken for one of these.
readonly FAILED=101 WRONG=102 BUSY=103 REFUSED=104
program=${0##*/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(cd "$here/../.." && pwd)

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }
die() { # die STATUS MESSAGE
  say "$program: ${*:2}"
  exit "$1"
}
usage() { # prints the comment at the head of the script
  sed -n '2,${ /^#/!q; s/^# \{0,1\}//p }' "$0" >&2
  exit "$WRONG"
}
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null || die "$FAILED" "$1 is missing: apt-get install $2"
}

# Reads NAME=value lines as the services do: without quotes, and without a comment after a blank.
settings=${AI_ENGLISH_ENV:-$root/.env}
read_settings() { # read_settings FILE VARIABLE : prints the last value of a variable
  local line value=
  [[ -r $1 ]] || return 0
  line=$(grep -E "^[[:blank:]]*$2[[:blank:]]*=" "$1" | tail -n 1) || return 0
  value=$(sed -E 's/^[^=]*=[[:blank:]]*//; s/[[:blank:]]+$//' <<<"$line")
  case $value in
    \"*\"*) value=${value#\"} value=${value%%\"*} ;;
    \'*\'*) value=${value#\'} value=${value%%\'*} ;;
    *) value=$(sed -E 's/^#.*//; s/[[:blank:]]+#.*$//' <<<"$value") ;;
  esac
  printf '%s' "$value"
}
setting() { # setting VARIABLE [DEFAULT] : what the environment says, else a file that it names, else the settings
  local value=${!1-} file=$1_FILE
  [[ -n $value ]] || value=$(read_settings "$settings" "$1")
  if [[ -z $value ]]; then
    file=${!file:-$(read_settings "$settings" "$file")}
    [[ -z $file ]] || value=$(<"$file")
  fi
  printf '%s' "${value:-${2-}}"
}
number() { # number VARIABLE DEFAULT
  local value
  value=$(setting "$1" "$2")
  [[ $value =~ ^[0-9]{1,15}$ ]] || die "$WRONG" "$1 is no number"
  printf '%s' "$value"
}
from_root() { # a path of the settings is meant from the folder of the settings
  [[ $1 == /* ]] && printf '%s' "$1" || printf '%s/%s' "$root" "${1#./}"
}

is_folder() { # is_folder FOLDER VARIABLE : one that is missing is nothing to back up, and somebody should know
  [[ ! -d $1 ]] || return 0
  say "warning: there is no folder $1 ($2): nothing of it is in this backup"
  return 1
}
# What `make install` laid out keeps its data where its units say (service-env), whatever .env does.
if [[ -x $root/scripts/service-env ]]; then
  export VECTOR_DIR=${VECTOR_DIR:-$root/vectors} EXPORT_DIR=${EXPORT_DIR:-$root/exports} UPLOAD_DIR=${UPLOAD_DIR:-$root/uploads}
fi

backups=$(from_root "$(setting BACKUP_DIR backups)")
keep_days=$(number BACKUP_KEEP_DAYS 30)
redis_keep_days=$(number BACKUP_REDIS_KEEP_DAYS 7)
recipients=$(setting BACKUP_AGE_RECIPIENTS)
config_paths=$(setting BACKUP_CONFIG "env=$settings:certificates=$(setting NGINX_CERTIFICATES "$root/certificates"):letsencrypt=/etc/letsencrypt:alertmanager=/etc/prometheus/alertmanager.yml")

product_version() {
  local found=
  [[ ! -x $root/bin/auth-svc ]] || found=$("$root/bin/auth-svc" --version | awk '{ print $2 }')
  [[ -n $found || ! -r $root/Cargo.toml ]] || found=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
  printf '%s' "${found:-unknown}"
}

make_private() { # make_private FOLDER : for its owner alone
  mkdir -p "$1"
  chmod 700 "$1"
}

lock() { # one backup or restore at a time; the lock goes with the process
  make_private "$backups"
  exec {lock_fd}>"$backups/.lock"
  flock -n "$lock_fd" || die "$BUSY" "a backup or a restore runs already ($backups/.lock)"
  # What a killed run left is of no use to anybody.
  find "$backups" -mindepth 1 -maxdepth 1 -name '.work.*' -exec rm -rf {} +
}

# Everything is prepared in a folder that no listing takes for a backup and that goes with the process.
workspace() {
  work=$(mktemp -d "$backups/.work.XXXXXX")
}
cleanups=()
clean_up() {
  local status=$? each
  trap - EXIT
  set +e
  for each in ${cleanups[@]+"${cleanups[@]}"}; do "$each" "$status"; done
  [[ -z ${work:-} ]] || rm -rf "$work"
  case $status in
    0 | 129 | 130 | 143) exit "$status" ;;
    10[1-4]) exit $((status - 100)) ;;
    *)
      say "$program: failed"
      exit 1
      ;;
  esac
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

size_of() { # bytes of a file, or of all that lies in a folder
  du -sb "$1" | cut -f 1
}
human() { numfmt --to=iec-i --suffix=B "$1"; }
sha256() { sha256sum "$1" | cut -d ' ' -f 1; }
