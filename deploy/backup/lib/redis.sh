# shellcheck shell=bash disable=SC2034,SC2154 # from common.sh, for others
# Redis: a copy as a replica gets it, and loading it into a server that runs. To be sourced.

redis_settings() {
  local url rest
  url=$(setting REDIS_URL)
  redis_flags=()
  [[ -n $url ]] || url=redis://:$(setting REDIS_PASSWORD)@$(setting REDIS_ADDRESS 127.0.0.1:6379)/0
  [[ $url != rediss://* ]] || redis_flags+=(--tls)
  rest=${url#*://}
  rest=${rest%%\?*}
  unset REDISCLI_AUTH
  if [[ $rest == *@* ]]; then
    local who=${rest%@*}
    # By the environment: what is in a command line can be read by everybody on the machine.
    [[ -z ${who#*:} ]] || export REDISCLI_AUTH=${who#*:}
    [[ -z ${who%%:*} || $who != *:* ]] || redis_flags+=(--user "${who%%:*}")
    rest=${rest##*@}
  fi
  rest=${rest%%/*}
  redis_flags+=(-h "${rest%:*}" -p "$([[ $rest == *:* ]] && echo "${rest##*:}" || echo 6379)")
  redis_place="everything in Redis at $rest"
}
redis() { redis-cli "${redis_flags[@]}" "$@"; }
redis_answers() { [[ $(redis ping 2>/dev/null) == PONG ]]; }

dump_redis() { # dump_redis FILE : as the server sends it to a replica, whole at one moment
  redis --rdb "$1" >"$work/redis.log" 2>&1 || die "$FAILED" "Redis gives no copy: $(tail -n 3 "$work/redis.log")"
  check_redis "$1"
}
check_redis() { # check_redis FILE
  redis-check-rdb "$1" >"$work/redis.log" 2>&1 || die "$FAILED" "the copy of Redis is damaged: $(tail -n 3 "$work/redis.log")"
}

# Makes the commands that write what is in FILE: a server of our own loads it and rewrites it as a log of commands.
redis_commands() { # redis_commands FILE FOLDER : prints the path of the commands
  local log=$2/log tries
  mkdir "$2"
  cp "$1" "$2/dump.rdb"
  # The name of a socket may be no longer than a hundred bytes, so it is meant from the folder.
  redis-server --port 0 --unixsocket s --dir "$2" --dbfilename dump.rdb --save '' --aof-use-rdb-preamble no \
    --logfile "$log" --daemonize no >/dev/null 2>&1 &
  local server=$!
  # Reads to the end: `grep -q` would leave before, and redis-cli would fail.
  persists() { own info persistence | tr -d '\r' | awk "/^$1\$/ { found = 1 } END { exit !found }"; }
  own() { (cd "${log%/*}" && env -u REDISCLI_AUTH redis-cli -s s "$@" 2>/dev/null); }
  for ((tries = 0; tries < 600; tries++)); do
    [[ $(own ping) != PONG ]] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  own config set appendonly yes >/dev/null || { tail -n 5 "$log" >&2; return 1; }
  for ((tries = 0; tries < 3000; tries++)); do
    persists 'aof_rewrite_(in_progress|scheduled):1' || break
    sleep 0.1
  done
  persists 'aof_last_bgrewrite_status:ok' || return 1
  own shutdown nosave >/dev/null || true
  wait "$server" || true
  find "$2/appendonlydir" -name '*.base.aof'
}

restore_redis() { # restore_redis COMMANDS
  redis FLUSHALL >/dev/null
  redis --pipe <"$1" >"$work/redis.log" 2>&1 || die "$FAILED" "Redis did not take everything: $(tail -n 3 "$work/redis.log")"
  # What it remembered of the database may be older or newer than the database of the backup.
  local pattern
  for pattern in "$(setting REDIS_CACHE_PREFIX cache:)*" "$(setting REDIS_SESSION_PREFIX sess:)revocations-*"; do
    redis --scan --pattern "$pattern" | xargs -r -d '\n' -n 500 redis-cli "${redis_flags[@]}" UNLINK >/dev/null
  done
}
