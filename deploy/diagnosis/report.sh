# Sourced by `diagnose`: what follows from the lines, and how it is shown. Also the analysis of logs.
# shellcheck shell=bash disable=SC2154
declare -A titles=(
  [versions]='Versions|版本' [health]='Health|健康状态' [containers]='Containers|容器' [units]='Units|服务单元'
  [database]='Database|数据库' [migrations]='Migrations|数据库迁移' [redis]='Redis|Redis' [vectors]='Vectors|向量'
  [models]='Models|模型' [queues]='Queues|任务队列' [pools]='Connection pools|连接池' [mail]='Mail|邮件'
  [files]='Files|文件' [fonts]='Fonts|字体' [disk]='Disk|磁盘' [memory]='Memory|内存' [clock]='Clock|时钟'
  [certificates]='Certificates|证书' [settings]='Settings, secrets masked|配置（密钥已遮盖）' [errors]='Last errors|最近的错误'
  [findings]='Findings|诊断结论'
)
sections=(versions health containers units database migrations redis vectors models queues pools mail files fonts disk memory
  clock certificates)
is_zh() { [[ $language == zh ]]; }
title() { if is_zh; then echo "${titles[$1]#*|}"; else echo "${titles[$1]%|*}"; fi; }

judge() { # judge LINES : findings, each with its level, parts, evidence, cause and commands
  local code level parts evidence cause next
  awk -F '\t' -v OFS='\t' '
    function find(code, part, evidence) {
      if (!(code in seen)) seen[code] = 1
      if (part != "-" && !((code, part) in told)) {
        told[code, part]
        parts[code] = parts[code] (parts[code] == "" ? "" : ", ") part
      }
      if (!((code, evidence) in told) && ++number[code] <= 8) {
        told[code, evidence]
        evidences[code] = evidences[code] (evidences[code] == "" ? "" : "\037") evidence
      }
    }
    FILENAME == ARGV[1] { if ($0 ~ /^[A-Z]/) { split($0, head, " "); codes[++count] = head[1]; levels[head[1]] = head[2] } next }
    $2 == "fault" { find($3, $1, $4) }
    $2 == "datum" { data[$3, $1] = $4; if (!($3 in first)) first[$3] = $4; else if (first[$3] != $4) differ[$3] }
    END {
      if (data["indexed", "learning-svc"] == 1 && data["vectors", "ai-svc"] == "0")
        find("VECTORS_LOST", "ai-svc", "mistakes were indexed, and the store of the present model holds none")
      for (name in differ) if (name ~ /_KEY$/) find("SECRETS_DIFFER", "-", name)
      for (code in seen) if (levels[code] == "wrong") wrong++
      for (at = 1; at <= count; at++) {
        code = codes[at]
        if (!(code in seen) || (levels[code] == "effect" && wrong)) continue
        if (code == "UPSTREAM_AWAY" && ("PROCESS_AWAY" in seen)) continue
        if (code ~ /^(BINARY_FAILS|NGINX_AWAY)$/ && ("DOCKER_AWAY" in seen)) continue
        print code, (levels[code] == "note" ? "note" : "wrong"), parts[code], evidences[code]
      }
      for (code in seen) if (!(code in levels)) print code, "wrong", parts[code], evidences[code]
    }' "$here/findings" "$1" | sed 's/\t\t/\t-\t/g' |
    while IFS=$'\t' read -r code level parts evidence; do
      cause=$(explain "$code" "$language")
      next=$(commands "$code" "${parts//,/}" | paste -sd $'\037')
      printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$code" "$level" "$parts" "$evidence" "${cause:--}" "${next:--}"
    done
}

explain() { # explain CODE LANGUAGE
  awk -v code="$1" -v key="$2" '/^[A-Z]/ { here = $1 == code } here && $1 == key { sub(/^[^ ]+ /, ""); print }' "$here/findings" | paste -sd ' '
}

commands() { # commands CODE PARTS : what to type, one command a line
  local line part parts
  explain_lines "$1" | while IFS= read -r line; do
    parts=("${2/#-/gateway}")
    ! takes_one "$line" || read -ra parts <<<"${parts[0]}"
    for part in "${parts[@]}"; do filled "$line" "$part"; done
  done | awk '!seen[$0]++'
}
takes_one() { # takes_one LINE : whether its command is one for each part
  [[ $1 == *'{run PARTS'* || ($1 == *'{logs PARTS'* && $kind != compose) ]]
}
filled() { # filled LINE PARTS : with the commands of this installation
  local line=$1 before after inner words
  while [[ $line =~ ^([^{]*)\{([a-z][^}]*)\}(.*)$ ]]; do
    before=${BASH_REMATCH[1]} inner=${BASH_REMATCH[2]} after=${BASH_REMATCH[3]}
    read -ra words <<<"${inner/PARTS/$2}"
    line=$before$(command_line "${words[@]}")$after
  done
  printf '%s\n' "$line"
}
explain_lines() { awk -v code="$1" '/^[A-Z]/ { here = $1 == code } here && $1 == "do" { sub(/^do /, ""); print }' "$here/findings"; }

is_wrong() { awk -F '\t' '$2 == "wrong" { found = 1 } END { exit !found }' "$work/findings"; }

show_report() {
  local heading='AI English Teaching System: diagnosis' section
  ! is_zh || heading='AI 赋能英语教学系统：诊断报告'
  printf '%s\n%s, %s\n' "$heading" "$(date -u '+%F %T UTC')" "$(uname -n)"
  for section in "${sections[@]}"; do
    grep -q "	fact	$section	" "$work/lines" || continue
    printf '\n== %s ==\n' "$(title "$section")"
    awk -F '\t' -v section="$section" '
      $2 == "fact" && $3 == section && !($4 in value) { order[++count] = $4; value[$4] = $5; if (length($4) > width) width = length($4) }
      END { if (width > 40) width = 40; for (at = 1; at <= count; at++) printf "%-" width "s  %s\n", order[at], value[order[at]] }' "$work/lines"
  done
  printf '\n== %s ==\n' "$(title settings)"
  awk -F '\t' '
    $2 == "setting" {
      key = $3 "\t" $4
      if (!(key in who)) { order[++count] = key; if (length($3) > width) width = length($3) }
      who[key] = who[key] (who[key] == "" ? "" : ", ") $1
      number[key]++
    }
    END {
      for (at = 1; at <= count; at++) {
        split(order[at], pair, "\t")
        line = sprintf("%-" width "s  %s", pair[1], pair[2])
        print line (number[order[at]] < 5 ? "  (" who[order[at]] ")" : "")
      }
    }' "$work/lines" | sort
  printf '\n== %s ==\n' "$(title errors)"
  if [[ -s $work/errors ]]; then cut -c 1-220 "$work/errors"; else echo '-'; fi
  printf '\n'
  show_findings
}

show_findings() {
  local none='nothing is wrong' cause='cause' evidence='evidence' next='next'
  if is_zh; then none='没有发现问题' cause='原因' evidence='证据' next='处理'; fi
  printf '== %s ==\n' "$(title findings)"
  [[ -s $work/findings ]] || printf '%s\n' "$none"
  awk -F '\t' -v cause="$cause" -v evidence="$evidence" -v next_="$next" -v zh="$(is_zh && echo 1)" '
    function show(name, text, lines, count, at) {
      count = split(text, lines, "\037")
      for (at = 1; at <= count; at++) printf "   %s  %s\n", (at == 1 ? sprintf(zh ? "%s" : "%-8s", name) : zh ? "    " : "        "), lines[at]
    }
    {
      printf "%d. %s%s%s\n", NR, $1, ($3 == "-" ? "" : " (" $3 ")"), ($2 == "note" ? (zh ? "：提示" : ": a note") : "")
      show(cause, $5)
      show(evidence, $4)
      if ($6 != "-") show(next_, $6)
    }' "$work/findings"
}

show_json() {
  awk -F '\t' -v kind="$kind" -v time="$(date -u +%FT%TZ)" -v status="$(is_wrong && echo wrong || echo well)" '
    function quoted(text) {
      gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); gsub(/[\001-\036]/, " ", text)
      return "\"" text "\""
    }
    function list(text, sign, items, count, at, line) {
      if (text == "-" || text == "") return "[]"
      count = split(text, items, sign)
      for (at = 1; at <= count; at++) line = line (at > 1 ? "," : "") quoted(items[at])
      return "[" line "]"
    }
    BEGIN { printf "{\"time\":%s,\"kind\":%s,\"status\":%s,\"findings\":[", quoted(time), quoted(kind), quoted(status) }
    FILENAME == ARGV[1] {
      printf "%s{\"code\":%s,\"level\":%s,\"parts\":%s,\"cause\":%s,\"evidence\":%s,\"next\":%s}", (FNR > 1 ? "," : ""), \
        quoted($1), quoted($2), list($3, ", "), quoted($5), list($4, "\037"), list($6, "\037")
      next
    }
    $2 == "fact" && !seen[$3, $4]++ {
      printf "%s{\"section\":%s,\"name\":%s,\"value\":%s}", (facts++ ? "," : "],\"facts\":["), quoted($3), quoted($4), quoted($5)
    }
    END { print (facts ? "" : "],\"facts\":[") "]}" }' "$work/findings" "$work/lines"
}

write_bundle() { # write_bundle FILE
  local name target service
  name=diagnosis-$(date -u +%Y%m%d-%H%M%S)
  target=$work/$name
  umask 077
  mkdir -p "$target/logs"
  show_report | mask >"$target/report.txt"
  show_json | mask >"$target/report.json"
  for service in "${services[@]}"; do
    log_of "$service" | tail -n 5000 | mask >"$target/logs/$service.log"
    normalise "$service" <"$target/logs/$service.log"
  done | analyse | mask >"$target/logs.txt"
  tar -C "$work" -czf "$1" "$name"
  show_findings
  printf '%s\n' "$1"
}

# ---- Logs ----
normalise() { awk -v service="$1" -f "$here/logs.awk"; }

last_errors() { awk -F '\t' '$3 == "ERROR" { print $2 "  " $1 "  " $4 ($5 == "" ? "" : ": " $5) }' | tail -n 5; }

analyse() { # analyse < normalised lines
  local slow=${SLOW_MS:-1000}
  cat >"$work/analysed"
  printf '== %s ==\n' "$(is_zh && echo 日志级别 || echo Levels)"
  awk -F '\t' '{ n[$1 "\t" $3]++ } END { for (k in n) { split(k, p, "\t"); printf "%-14s %-6s %d\n", p[1], p[2], n[k] } }' "$work/analysed" | sort
  printf '\n== %s ==\n' "$(is_zh && echo 错误频率（前20） || echo 'Errors by frequency (first 20)')"
  awk -F '\t' '
    $3 == "ERROR" || $3 == "WARN" {
      line = $4 ($5 == "" ? "" : ": " $5) ($7 == "" ? "" : " " $6 " " $7 " " $8)
      gsub(/[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+/, "#", line)
      n[$3 "\t" $1 "\t" substr(line, 1, 160)]++
    }
    END { for (k in n) { split(k, p, "\t"); printf "%7d  %-5s  %-12s  %s\n", n[k], p[1], p[2], p[3] } }' "$work/analysed" |
    sort -k 1,1nr -k 2 | awk 'NR <= 20'
  printf '\n== %s ==\n' "$(is_zh && echo "慢请求（不少于 $slow 毫秒，前20）" || echo "Slow requests (from $slow ms, first 20)")"
  awk -F '\t' -v slow="$slow" '$7 != "" && $9 + 0 >= slow { printf "%10.1f ms  %s  %-6s %s  %s  %s\n", $9, $2, $6, $7, $8, $10 }' "$work/analysed" |
    sort -k 1,1nr | awk 'NR <= 20'
  printf '\n== %s ==\n' "$(is_zh && echo 接口响应时间（毫秒） || echo 'Response times (ms)')"
  printf '%7s %8s %8s %8s %8s %6s  %s\n' count mean p50 p95 max 5xx route
  awk -F '\t' -v OFS='\t' '$7 != "" && $9 != "" { print $6 " " $7, $9, $8 }' "$work/analysed" | sort -t "$(printf '\t')" -k 1,1 -k 2,2n |
    awk -F '\t' '
      function at(share, place) { place = int(share * n + 0.999999); return ms[place < 1 ? 1 : place] }
      function tell() { if (n) printf "%7d %8.1f %8.1f %8.1f %8.1f %6d  %s\n", n, sum / n, at(0.5), at(0.95), ms[n], bad, route }
      $1 != route { tell(); route = $1; n = sum = bad = 0 }
      { ms[++n] = $2; sum += $2; if ($3 >= 500) bad++ }
      END { tell() }' | sort -k 4,4nr | awk 'NR <= 40'
}
