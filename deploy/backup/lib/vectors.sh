# shellcheck shell=bash disable=SC2034,SC2154 # from common.sh, for others
# Vectors: the folder of the engine in ai-svc, or the snapshots of a Qdrant server. To be sourced.

vector_settings() {
  local url host engine
  url=$(setting QDRANT_URL)
  host=$(setting QDRANT_HOST)
  # Services speak gRPC, one port above HTTP.
  [[ -n $url || -z $host ]] || url=http://$host:$(setting QDRANT_PORT 6333)
  url=${url%/}
  qdrant_url=${url/%:6334/:6333}
  engine=$([[ -n $url ]] && echo qdrant || echo embedded)
  engine=$(setting VECTOR_ENGINE "$engine")
  vector_engine=$engine
  vector_dir=$(from_root "$(setting VECTOR_DIR vectors)")
  if [[ $engine == qdrant ]]; then
    vector_place="the collections of Qdrant at $qdrant_url"
    qdrant_key=$(setting QDRANT_API_KEY)
  else
    vector_place="the folder $vector_dir"
  fi
}

# ai-svc waits with every change while somebody holds this lock, and searches go on.
hold_vectors() {
  [[ $vector_engine == embedded && -e $vector_dir/.writing ]] || return 0
  exec {gate_fd}<"$vector_dir/.writing"
  flock -w 60 "$gate_fd" || die "$FAILED" "ai-svc does not let go of $vector_dir/.writing"
}
release_vectors() {
  [[ -n ${gate_fd:-} ]] || return 0
  # Processes started meanwhile have the file open as well.
  flock -u "$gate_fd"
  exec {gate_fd}<&-
}
vectors_in_use() { # ai-svc has the folder to itself while it runs
  [[ $vector_engine == embedded && -e $vector_dir/.lock ]] || return 1
  ! flock -n "$vector_dir/.lock" true
}

dump_vectors() { # dump_vectors FILE : a compressed archive
  if [[ $vector_engine == qdrant ]]; then
    dump_qdrant "$work/qdrant"
    pack "$1" -C "$work/qdrant" .
    rm -rf "$work/qdrant"
  elif is_folder "$vector_dir" VECTOR_DIR; then
    # Held up writers are in a hurry: packed thinly.
    pack "$1" --exclude=./.lock --exclude=./.writing --exclude='./*.broken-*' --exclude='./*.half' "${not_ours[@]}" -C "$vector_dir" .
  else
    mkdir "$work/empty"
    pack "$1" -C "$work/empty" .
  fi
}

qdrant() { # qdrant METHOD PATH [CURL-ARGUMENT…] : the key stands in no list of processes
  {
    echo "header = \"api-key: $(quoted "$qdrant_key")\""
    echo "url = \"$(quoted "$qdrant_url$2")\""
  } | curl -K - -sS --fail-with-body --connect-timeout 10 --max-time 3600 -X "$1" "${@:3}"
}
qdrant_answers() { qdrant GET /collections -m 10 >/dev/null 2>&1; }
await_qdrant() { # one that was only just started needs a moment
  local patience deadline
  patience=$(number BACKUP_WAIT 60)
  deadline=$((SECONDS + patience))
  until qdrant_answers; do
    ((SECONDS < deadline)) || return 1
    sleep 1
  done
}
qdrant_version() { qdrant GET / | jq -r '.version // "unknown"'; }
qdrant_collections() { qdrant GET /collections | jq -r '.result.collections[].name'; }

dump_qdrant() { # dump_qdrant FOLDER : a snapshot of each collection as NAME.snapshot, and aliases.json
  local names name answer file sum peers
  mkdir "$1"
  # A snapshot holds what lies on the one node that is asked.
  peers=$(qdrant GET /cluster | jq '.result.peers // {} | length')
  ((peers <= 1)) || die "$FAILED" "Qdrant has $peers nodes, and a snapshot holds one: back up the other parts one by one, and after a restore run \`learning-svc reindex\`"
  qdrant GET /aliases | jq -c .result.aliases >"$1/aliases.json"
  names=$(qdrant_collections)
  for name in $names; do
    [[ $name =~ ^[A-Za-z0-9._-]+$ ]] || die "$FAILED" "Qdrant has a collection with a name that is none of ours"
    answer=$(qdrant POST "/collections/$name/snapshots?wait=true")
    file=$(jq -r .result.name <<<"$answer")
    sum=$(jq -r '.result.checksum // empty' <<<"$answer")
    qdrant GET "/collections/$name/snapshots/$file" -o "$1/$name.snapshot"
    qdrant DELETE "/collections/$name/snapshots/$file?wait=true" >/dev/null
    [[ -z $sum || $sum == "$(sha256 "$1/$name.snapshot")" ]] || die "$FAILED" "the snapshot of $name came damaged"
    tar -tf "$1/$name.snapshot" >/dev/null
  done
}

restore_qdrant() { # restore_qdrant FOLDER
  local file names name
  for file in "$1"/*.snapshot; do
    [[ -e $file ]] || continue
    name=$(basename "$file" .snapshot)
    qdrant POST "/collections/$name/snapshots/upload?wait=true&priority=snapshot&checksum=$(sha256 "$file")" \
      -F "snapshot=@$file" >/dev/null || die "$FAILED" "Qdrant did not take the snapshot of $name"
  done
  # What was made since belongs to records that are no longer there.
  names=$(qdrant_collections)
  for name in $names; do
    [[ $name != *--* || -e $1/$name.snapshot ]] || qdrant DELETE "/collections/$name" >/dev/null
  done
  jq '{actions: map({create_alias: {alias_name, collection_name}})}' "$1/aliases.json" >"$1/actions.json"
  [[ $(jq '.actions | length' "$1/actions.json") == 0 ]] ||
    qdrant POST '/collections/aliases' -H 'Content-Type: application/json' -d "@$1/actions.json" >/dev/null
}
