# Takes secrets out of a text: those of the first file, one a line, and what looks like one.
FILENAME == ARGV[1] {
  if (length($0) >= 6) secret[$0]
  next
}
{
  for (each in secret) {
    rest = $0
    line = ""
    while ((at = index(rest, each)) > 0) {
      line = line substr(rest, 1, at - 1) "***"
      rest = substr(rest, at + length(each))
    }
    $0 = line rest
  }
  # Passwords in addresses, tokens in headers, keys of providers.
  line = ""
  while (match($0, /:\/\/[^\/ "'<>]*@/)) {
    found = substr($0, RSTART, RLENGTH)
    user = substr(found, 4, length(found) - 4)
    sub(/:.*/, "", user)
    if (found !~ /:\/\/[^:]*:/) user = ""
    line = line substr($0, 1, RSTART - 1) "://" user ":***@"
    $0 = substr($0, RSTART + RLENGTH)
  }
  $0 = line $0
  gsub(/[Bb]earer [A-Za-z0-9._~+\/=-]+/, "Bearer ***")
  gsub(/eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/, "***")
  gsub(/sk-[A-Za-z0-9_-][A-Za-z0-9_-][A-Za-z0-9_-][A-Za-z0-9_-][A-Za-z0-9_-][A-Za-z0-9_-]+/, "sk-***")
  print
}
