# Sourced by `diagnose`: the machine, certificates, and settings that nobody knows.
# shellcheck shell=bash disable=SC2154
fact() { printf 'fact\t%s\t%s\t%s\n' "$1" "$2" "$3"; }
fault() { printf 'fault\t%s\t%s%s\n' "$1" "$2" "${3:+	$3}"; } # fault CODE EVIDENCE [PART]
tagged() { # tagged PART : lines with the part that they are of; a fault may name its own
  awk -F '\t' -v OFS='\t' -v part="$1" 'NF { whose = part; if ($1 == "fault" && NF == 4) { whose = $4; NF = 3 } print whose, $0 }'
}

machine_lines() {
  fact versions system "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release 2>/dev/null), kernel $(uname -r)"
  local least=${DISK_LEAST_MB:-2048} free path size use mount
  while read -r size free use mount; do
    fact disk "$mount" "$use of $((size / 1024)) MB used, $((free / 1024)) MB free"
    ((free / 1024 >= least)) || fault DISK_LOW "$mount has $((free / 1024)) MB left"
  done < <(for path in $(data_paths); do df -Pk "$path" 2>/dev/null | awk 'NR == 2 { print $2, $4, $5, $6 }'; done | sort -u)
  while read -r use mount; do
    [[ ${use%\%} != 100 ]] || fault DISK_LOW "$mount has no inode left"
  done < <(for path in $(data_paths); do df -Pi "$path" 2>/dev/null | awk 'NR == 2 { print $5, $6 }'; done | sort -u)

  local total available swap
  total=$(meminfo MemTotal) available=$(meminfo MemAvailable) swap=$(meminfo SwapFree)
  fact memory machine "$((available / 1024)) of $((total / 1024)) MB available, $((swap / 1024)) MB of swap free"
  ((available / 1024 >= ${MEMORY_LEAST_MB:-256})) || fault MEMORY_LOW "$((available / 1024)) MB of $((total / 1024)) MB are available"
  fact memory load "$(cut -d ' ' -f 1-3 /proc/loadavg) on $(nproc) processors"

  local synchronised=''
  [[ ! -d /run/systemd/system ]] || synchronised=$(timedatectl show -p NTPSynchronized --value 2>/dev/null || true)
  fact clock machine "$(date -u +%FT%TZ), synchronised: ${synchronised:-unknown}"
  [[ $synchronised != no ]] || fault CLOCK_UNSYNCHRONISED 'timedatectl: NTPSynchronized=no'
}

meminfo() { awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo; }

backup_folder() {
  local backups
  backups=$(of BACKUP_DIR)
  [[ ${backups:=backups} == /* ]] || backups=$folder/${backups#./}
  echo "$backups"
}

backup_lines() { # one of last night, of everything
  [[ $kind != local ]] || return 0
  local backups newest
  backups=$(backup_folder)
  [[ ! -e $backups || -r $backups ]] || return 0
  # Their names say when they were made, wherever they were copied since.
  newest=$(find "$backups/" -mindepth 1 -maxdepth 1 -name 'full_*' -printf '%f\n' 2>/dev/null | sort | tail -n 1 || true)
  fact files backups "newest: ${newest:=none}"
  [[ ! $newest < full_$(date -u -d '26 hours ago' +%Y%m%d_%H%M%S) && $newest != none ]] || fault BACKUP_OLD "newest in $backups: $newest"
}

data_paths() { # each may be a disk of its own
  echo /
  [[ $kind == local ]] || backup_folder
  case $kind in
    compose) docker info --format '{{.DockerRootDir}}' 2>/dev/null || true ;;
    systemd) printf '%s\n' "$folder" "$folder/exports" "$folder/vectors" /var/lib/postgresql /var/lib/redis /var/log ;;
    local) sed -n 's/^\(EXPORT_DIR\|VECTOR_DIR\)=//p' "$folder"/env/*.env; echo "$folder" ;;
  esac
}

certificate() { # certificate FILE NAME DOMAIN
  [[ -s $1 ]] || {
    fact certificates "$2" 'none was found'
    return 0
  }
  command -v openssl >/dev/null || return 0
  local end names days least=${CERTIFICATE_LEAST_DAYS:-14}
  end=$(openssl x509 -in "$1" -noout -enddate 2>/dev/null) || {
    fault CERTIFICATE_EXPIRES "$1 is no certificate"
    return 0
  }
  days=$((($(date -d "${end#*=}" +%s) - $(date +%s)) / 86400))
  names=$(openssl x509 -in "$1" -noout -ext subjectAltName 2>/dev/null | sed -n 's/ *DNS://g; s/ *IP Address://g; 2p')
  fact certificates "$2" "for $names; until ${end#*=} ($days days)"
  ((days >= least)) || fault CERTIFICATE_EXPIRES "$2: ${end#*=}"
  local check=-checkhost
  [[ ! $3 =~ ^[0-9.]+$|: ]] || check=-checkip
  [[ -z $3 || $3 == _ ]] || openssl x509 -in "$1" -noout "$check" "$3" | grep -q 'does match' ||
    fault CERTIFICATE_NAME "$3 is not among $names"
}

settings_lines() { # names in the settings that no part knows
  [[ -r $settings ]] || return 0
  [[ -z $(find "$settings" -perm /077) || $kind == local ]] ||
    fault SETTINGS_OPEN "$settings has mode $(stat -c %a "$settings")"
  local name places=()
  for name in "$root/docker-compose.yml" "$root/deploy" "$root/scripts" "$root/nginx"; do
    [[ ! -e $name ]] || places+=("$name")
  done
  awk -F '\t' '$2 == "setting" || $2 == "known" { print $3; print $3 "_FILE" }' "$work/known" | sort -u >"$work/names"
  # Without an answer of any service nobody can tell.
  [[ -s $work/names ]] || return 0
  # Read by the installation itself, and before a service has its settings.
  printf '%s\n' REDIS_MAXMEMORY RUST_LOG >>"$work/names"
  sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' "$settings" | sort -u | while read -r name; do
    if ! grep -qxF -- "$name" "$work/names"; then
      grep -rqwF -- "$name" "${places[@]}" || fault SETTING_UNKNOWN "$name in $settings"
    elif [[ $kind == compose ]] && ! grep -qwF -- "$name" "$root/docker-compose.yml"; then
      # Lines of the example that nobody changed mean nothing.
      grep "^$name=" "$settings" | grep -qxFf "$root/.env.example" || fault SETTING_UNUSED "$name in $settings"
    fi
  done
}
