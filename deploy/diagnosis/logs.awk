# Turns lines of a log, json or plain, into fields between tabs:
# service, time, level, message, error, method, route, status, milliseconds, request id. Others are left out.
function text(name, at, rest, value, sign) { # the value of a field of json
  at = index($0, "\"" name "\":")
  if (!at) return ""
  rest = substr($0, at + length(name) + 3)
  if (rest !~ /^"/) {
    match(rest, /^[^,}]*/)
    return substr(rest, 1, RLENGTH)
  }
  rest = substr(rest, 2)
  value = ""
  while (match(rest, /["\\]/)) {
    value = value substr(rest, 1, RSTART - 1)
    sign = substr(rest, RSTART, 1)
    if (sign == "\"") return value
    value = value (substr(rest, RSTART + 1, 1) ~ /[nrt]/ ? " " : substr(rest, RSTART + 1, 1))
    rest = substr(rest, RSTART + 2)
  }
  return value
}
function word(name, rest) { # the value of a field of a plain line
  rest = " " after
  if (!match(rest, " " name "=(\"[^\"]*\"|[^ ]+)")) return ""
  rest = substr(rest, RSTART + length(name) + 2, RLENGTH - length(name) - 2)
  gsub(/^"|"$/, "", rest)
  return rest
}
function tell(time, level, message, error, method, route, status, ms, id) {
  gsub(/\t/, " ", message)
  gsub(/\t/, " ", error)
  print service, time, level, message, error, method, route, status, ms, id
}
BEGIN { OFS = "\t" }
/^\{/ {
  tell(text("timestamp"), text("level"), text("message"), text("error") text("panic"), text("method"), text("route"), text("status"), text("ms"), text("request_id"))
  next
}
/^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[^ ]+ +(ERROR|WARN|INFO|DEBUG|TRACE) / {
  time = $1
  level = $2
  after = $0
  # What follows the name of the module: the message, then fields.
  if (match(after, /(^|[ :])[a-z_0-9]+(::[a-z_0-9]+)*: /)) {
    while (match(after, /(^|[ :}])[a-z_0-9]+(::[a-z_0-9]+)*: /) && RSTART < 400) {
      after = substr(after, RSTART + RLENGTH)
      if (after ~ /^[a-z_]+\{/) continue
      break
    }
  }
  message = after
  sub(/ [a-z_.]+=.*/, "", message)
  tell(time, level, message, word("error") word("panic"), word("method"), word("route"), word("status"), word("ms"), word("request_id"))
}
