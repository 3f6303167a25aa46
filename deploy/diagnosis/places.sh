# Sourced by `diagnose`: the three kinds of installation, and how each runs a service, keeps its logs and is commanded.
# shellcheck shell=bash disable=SC2034,SC2154
services=(gateway auth-svc learning-svc ai-svc export-svc)
stores=(postgres redis)
root=$(dirname "$(dirname "$here")")
log_lines=${LOG_LINES:-20000}

compose() { (cd "$root" && exec timeout 100 deploy/compose/compose --env-file "$settings" "$@" </dev/null); }
compose_name=docker-compose
! docker compose version >/dev/null 2>&1 || compose_name='docker compose'

find_place() { # sets kind, folder and settings
  if [[ -z $kind ]]; then
    if [[ -x $root/bin/gateway && -x $root/scripts/run ]]; then
      kind=systemd
    elif [[ -n $folder && -d $folder/env ]]; then
      kind=local
    elif settings=$root/.env && [[ -r $settings ]] && [[ -n $(compose ps -q 2>/dev/null || true) ]]; then
      kind=compose
    elif [[ -d $root/.run/env ]]; then
      kind=local
    elif [[ -x /opt/ai-english/bin/gateway ]]; then
      kind=systemd folder=/opt/ai-english
    elif grep -qs '^POSTGRES_PASSWORD=' "$root/.env"; then
      kind=compose
    fi
  fi
  case $kind in
    compose) folder=${folder:-$root} settings=${ENV_FILE:-$folder/.env} ;;
    systemd) folder=${folder:-$root} settings=$folder/.env ;;
    local) folder=${folder:-$root/.run} settings=${ENV_FILE:-$root/.env} ;;
    *)
      echo "diagnose: no installation was found here; say which with --kind and --folder" >&2
      exit 2
      ;;
  esac
  local there=$folder
  [[ $kind != local ]] || there=$folder/env
  [[ -d $there ]] || {
    echo "diagnose: there is no installation in $folder" >&2
    exit 2
  }
  if [[ $kind == systemd && $(id -u) != 0 ]]; then
    echo "diagnose: must run as root, who alone may read the settings of all services" >&2
    exit 2
  fi
}

of() { # of NAME : a value of the settings
  [[ ! -r $settings ]] || sed -n "s/^$1=//; T; s/[[:space:]]#.*//; s/[[:space:]]*\$//; s/^\"\(.*\)\"\$/\1/; s/^'\(.*\)'\$/\1/; p" "$settings" | tail -n 1
}

secrets() { # every secret of the settings, one a line
  local texts=()
  [[ ! -r $settings ]] || texts+=("$settings")
  for file in "$folder"/env/*.env "/run/ai-english/"*.env; do
    [[ ! -r $file ]] || texts+=("$file")
  done
  ((${#texts[@]})) || return 0
  awk -F= '
    function tell(value) { if (length(value) >= 6) print value }
    /^[A-Za-z_][A-Za-z0-9_]*=/ {
      name = $1
      value = substr($0, length(name) + 2)
      sub(/[ \t]+#.*/, "", value)
      gsub(/^["\047]|["\047]$/, "", value)
      if (name ~ /_FILE$/ && name ~ /KEY|SECRET|PASSWORD|TOKEN|URL/) {
        while ((getline line < value) > 0) tell(line)
      } else if (name ~ /(KEY|SECRET|PASSWORD|TOKEN)$/) tell(value)
      # The password of an address.
      if (match(value, /:\/\/.*@/)) {
        user = substr(value, RSTART + 3, RLENGTH - 4)
        if (index(user, ":")) user = substr(user, index(user, ":") + 1)
        tell(user)
      }
    }' "${texts[@]}" | sort -u
  [[ ! -r $folder/secret ]] || cat "$folder/secret"
}

service_lines() { # service_lines SERVICE : what it says of itself
  local service=$1 lines status=0
  lines=$(run_service "$service" diagnose "${models[@]}" 2>"$work/complaint") || status=$?
  if ((status)) || [[ -z $lines ]]; then
    printf 'fault\tBINARY_FAILS\t%s\n' "exit status $status: $(tail -n 1 "$work/complaint" | tr '\t' ' ')"
  fi
  printf '%s\n' "$lines"
}

run_service() { # run_service SERVICE COMMAND… : with its own settings
  local service=$1
  shift
  case $kind in
    compose)
      compose exec -T "$service" /bin/service "$@" 2>/dev/null || compose run --rm --no-deps -T "$service" "$@"
      ;;
    systemd) timeout 100 "$folder/scripts/run" "$service" "$@" ;;
    local)
      ( # The settings of the service and nothing else; by builtins, so that none stands in a list of processes.
        for name in $(compgen -e); do [[ $name == PATH || $name == HOME ]] || unset "$name"; done
        while IFS= read -r line; do export "${line?}"; done <"$folder/env/$service.env"
        exec timeout 100 "$folder/bin/$service" "$@"
      )
      ;;
  esac
}

log_of() { # log_of SERVICE : its last lines
  case $kind in
    compose) compose logs --no-color --no-log-prefix --tail "$log_lines" "$1" 2>/dev/null || true ;;
    systemd)
      local log
      log=$folder/logs/$1/$(of LOG_FILE)
      [[ -f $log ]] || log=$folder/logs/$1/app.log
      if [[ -r $log ]]; then
        tail -n "$log_lines" "$log"
      else
        journalctl --no-pager -o cat -n "$log_lines" -u "ai-english@$1" 2>/dev/null || true
      fi
      ;;
    local) tail -n "$log_lines" "$folder/logs/$1.log" 2>/dev/null || true ;;
  esac
}

place_lines() { # containers, units, nginx and what is seen from outside
  printf 'fact\tversions\tinstallation\t%s\n' "$kind in $folder"
  case $kind in
    compose)
      local engine
      if ! engine=$(docker version --format '{{.Server.Version}}' 2>&1); then
        fault DOCKER_AWAY "$(tail -n 1 <<<"$engine")"
        return 0
      fi
      fact versions docker "$engine"
      fact versions compose "$(compose version --short 2>/dev/null || true)"
      local ids=() name state
      mapfile -t ids < <(compose ps --all -q 2>/dev/null)
      if ((${#ids[@]})); then
        container_lines "${ids[@]}"
        docker stats --no-stream --format '{{.Name}} {{.CPUPerc}} of a processor, {{.MemUsage}}' "${ids[@]}" 2>/dev/null |
          while read -r name state; do [[ $state == 0.00%*' 0B / 0B' ]] || fact memory "$name" "$state"; done
      fi
      if compose exec -T nginx curl -fsS -o /dev/null http://127.0.0.1/health 2>/dev/null; then
        outside compose exec -T nginx curl -kfsS -o /dev/null -m 10 https://127.0.0.1/api/v1/auth/registration-policy
      else
        fault NGINX_AWAY "nginx does not answer in its container"
      fi
      compose exec -T nginx cat /etc/nginx/certificates/fullchain.pem >"$work/fullchain.pem" 2>/dev/null || true
      certificate "$work/fullchain.pem" nginx "$(of DOMAIN)"
      ;;
    systemd)
      if [[ -d /run/systemd/system ]]; then
        for service in "${services[@]/#/ai-english@}" ai-english-nginx postgresql redis-server; do
          fact units "$service" "$(systemctl show -p ActiveState,SubState,NRestarts --value "$service" | paste -sd ' ')"
        done
      fi
      local port
      port=$(of NGINX_HTTP_PORT)
      if answers "${port:-80}" /health; then
        port=$(of NGINX_HTTPS_PORT)
        outside curl -kfsS -m 10 -o /dev/null "https://127.0.0.1:${port:-443}/api/v1/auth/registration-policy"
      else
        fault NGINX_AWAY "no answer at http://127.0.0.1:${port:-80}/health"
      fi
      certificate "$folder/certificates/fullchain.pem" nginx "$(of DOMAIN)"
      ;;
    local)
      local listen
      listen=$(sed -n 's/^GATEWAY_LISTEN=//p' "$folder/env/gateway.env" | tail -n 1)
      outside curl -fsS -m 10 -o /dev/null "http://${listen/0.0.0.0/127.0.0.1}/api/v1/auth/registration-policy"
      [[ -z ${NGINX_CERTIFICATES:-} ]] || certificate "$NGINX_CERTIFICATES/fullchain.pem" nginx "$(of DOMAIN)"
      ;;
  esac
}

answers() { # answers PORT PATH : whether this machine answers 200 there; by bash alone, curl may be missing
  local head
  # shellcheck disable=SC2016
  head=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$1" >&3 && head -n 1 <&3' \
    "$1" "$2" 2>/dev/null) && [[ $head == *' 200'* ]]
}

outside() { # outside COMMAND… : one request through everything
  command -v curl >/dev/null || [[ $kind == compose ]] || return 0
  local complaint
  if complaint=$("$@" 2>&1); then
    fact health 'through all' 'a request is answered'
  else
    fault OUTSIDE_FAILS "$(head -n 1 <<<"$complaint")"
  fi
}

container_lines() { # container_lines ID…
  local format='{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} '
  format+='{{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.RestartCount}} {{.State.OOMKilled}} {{.State.ExitCode}} {{.ID}}'
  local name status health restarts killed code id
  docker inspect -f "$format" "$@" 2>/dev/null | sort | while read -r name status health restarts killed code id; do
    fact containers "$name ${id:0:12}" "$status, health $health, restarted $restarts times"
    [[ $killed != true ]] || fault OUT_OF_MEMORY "$name: its last end was for lack of memory" "$name"
    [[ $status != restarting ]] || fault CONTAINER_RESTARTS "$name: ended $restarts times, last with $code" "$name"
  done
}

# ---- Commands for people ----
unit() { # unit PART
  case $1 in
    postgres) echo postgresql ;;
    redis) echo redis-server ;;
    nginx) echo ai-english-nginx ;;
    qdrant) echo qdrant ;;
    *) echo "ai-english@$1" ;;
  esac
}

command_line() { # command_line VERB WHAT… : as it is typed here
  local verb=$1
  shift
  local port='' words=() part
  case $kind:$verb in
    *:settings) echo "$settings" ;;
    compose:start | compose:restart)
      [[ $verb == start ]] || words=(--force-recreate)
      echo "$compose_name up -d ${words[*]:+${words[*]} }$*"
      ;;
    compose:logs) echo "$compose_name logs --tail=50 $*" ;;
    compose:run) echo "$compose_name run --rm $*" ;;
    compose:sql) echo "$compose_name exec postgres psql -U postgres -d ai_english -c \"$*\"" ;;
    compose:redis) echo "$compose_name exec redis redis-cli $*" ;;
    compose:backup) echo "$compose_name run --rm -T backup" ;;
    systemd:backup) echo "systemctl start ai-english-backup.service" ;;
    compose:roles) echo "$compose_name run --rm prepare-database" ;;
    compose:models) echo "$compose_name up -d models" ;;
    compose:fonts) echo "$compose_name build --no-cache export-svc" ;;
    compose:space) echo "docker system df; df -h" ;;
    compose:certificate) echo "$compose_name exec nginx openssl x509 -in /etc/nginx/certificates/fullchain.pem -noout -text" ;;
    compose:folder)
      case $1 in ai-svc) part=vectors ;; *) part=exports ;; esac
      echo "docker volume ls -q --filter label=com.docker.compose.volume=$part | xargs docker volume inspect"
      ;;
    systemd:start | systemd:restart)
      for part in "$@"; do words+=("$(unit "$part")"); done
      echo "systemctl $verb ${words[*]}"
      ;;
    systemd:logs)
      case $1 in
        postgres) echo "tail -n 50 /var/log/postgresql/*.log" ;;
        redis) echo "tail -n 50 /var/log/redis/redis-server.log" ;;
        qdrant) echo "journalctl -u qdrant -n 50" ;;
        *) echo "journalctl -u $(unit "$1") -n 50" ;;
      esac
      ;;
    systemd:run) echo "$folder/scripts/run $*" ;;
    systemd:sql) echo "sudo -u postgres psql -d ai_english -c \"$*\"" ;;
    systemd:redis) echo "redis-cli --askpass $*" ;;
    systemd:roles | systemd:models) echo "make install" ;;
    *:fonts) echo "apt-get install fonts-noto-cjk && fc-cache -f" ;;
    *:space) echo "df -h; du -xsh $folder/*" ;;
    systemd:certificate) echo "$folder/scripts/certificate" ;;
    *:folder)
      case $1 in ai-svc) part=vectors ;; *) part=exports ;; esac
      echo "ls -ld $folder/$part; df -h $folder/$part"
      ;;
    local:logs)
      case $1 in
        postgres | redis) echo "tail -n 50 $folder/$1.log" ;;
        *) echo "tail -n 50 $folder/logs/$1.log" ;;
      esac
      ;;
    local:models) echo "make models" ;;
    local:run) echo "(set -a; . $folder/env/$1.env; $folder/bin/$*)" ;;
    local:sql)
      port=$(sed -n 's|^DATABASE_URL=.*:\([0-9]*\)/.*|\1|p' "$folder/env/auth-svc.env" | tail -n 1)
      echo "PGPASSWORD=\$(cat $folder/secret) psql -h 127.0.0.1 -p $port -U postgres -d ai_english -c \"$*\""
      ;;
    local:redis)
      port=$(sed -n 's|^REDIS_URL=.*:\([0-9]*\)/.*|\1|p' "$folder/env/auth-svc.env" | tail -n 1)
      echo "REDISCLI_AUTH=\$(cat $folder/secret) redis-cli -p $port $*"
      ;;
    local:certificate) echo "openssl x509 -in ${NGINX_CERTIFICATES:-}/fullchain.pem -noout -text" ;;
    local:*) echo "make run" ;;
  esac
}
