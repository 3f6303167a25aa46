# shellcheck shell=bash disable=SC2154 # from common.sh
# What a backup says of itself, and whether it is true. To be sourced.
#
# A backup is a folder with its parts, manifest.json and manifest.sha256, and nothing else. It gets its name when it is whole.
readonly FORMAT=1

part_files() { # part_files PART : the files of a part
  case $1 in
    database) echo database.dump ;;
    redis) echo redis.rdb ;;
    vectors) echo vectors.tar.zst ;;
    files) echo exports.tar.zst uploads.tar.zst ;;
    config) echo config.tar.zst ;;
  esac
}
readonly ALL_PARTS="database vectors files redis config"

seal() { # seal PART FOLDER : encrypts its files if they are to be, and notes them
  local file each arguments=()
  for file in $(part_files "$1"); do
    if [[ -n $recipients ]]; then
      for each in $recipients; do arguments+=(-r "$each"); done
      age "${arguments[@]}" -o "$2/$file.age" "$2/$file"
      rm "$2/$file"
      arguments=()
      file=$file.age
    fi
    jq -n --arg part "$1" --arg file "$file" --argjson bytes "$(stat -c %s "$2/$file")" --arg sha256 "$(sha256 "$2/$file")" \
      '{part: $part, file: $file, bytes: $bytes, sha256: $sha256}' >>"$work/parts.json"
  done
}

write_manifest() { # write_manifest FOLDER NAME BEGAN
  touch "$work/parts.json" "$work/migrations.txt" "$work/tables.txt" "$work/versions.txt"
  jq -n --arg name "$2" --arg began "$3" --arg ended "$(date -u +%FT%TZ)" --arg version "$(product_version)" \
    --arg host "$(uname -n)" --argjson format "$FORMAT" --argjson encrypted "$([[ -n $recipients ]] && echo true || echo false)" \
    --slurpfile parts "$work/parts.json" --rawfile migrations "$work/migrations.txt" --rawfile tables "$work/tables.txt" \
    --rawfile versions "$work/versions.txt" '
    def lines: split("\n") | map(select(. != ""));
    {format: $format, name: $name, product_version: $version, host: $host, began_at: $began, ended_at: $ended,
     encrypted: $encrypted,
     versions: ($versions | lines | map(split(" ") | {(.[0]): (.[1:] | join(" "))}) | add // {}),
     migrations: ($migrations | lines | map(split(" ") | {(.[0]): (.[1] | tonumber)}) | add // {}),
     parts: $parts,
     tables: ($tables | lines | map(split("|") | {(.[0]): {rows: (.[1] | tonumber), checksum: .[2]}}) | add // {})}' \
    >"$1/manifest.json"
  (cd "$1" && sha256sum manifest.json >manifest.sha256)
}

field() { jq -r "$2" "$1/manifest.json"; }

# Says why a folder is no whole backup, or nothing. Needs no key.
damage() { # damage FOLDER
  local parts part file bytes sum given extra name
  [[ -f $1/manifest.json && -f $1/manifest.sha256 ]] || { echo "it has no manifest"; return; }
  [[ $(cut -d ' ' -f 1 "$1/manifest.sha256") == "$(sha256 "$1/manifest.json")" ]] || { echo "its manifest is damaged"; return; }
  [[ $(field "$1" .format) == "$FORMAT" ]] || { echo "its format is none that this version knows"; return; }
  name=$(basename "$(realpath "$1")")
  given=$(field "$1" .name)
  [[ $given == "$name" ]] || { echo "its manifest is that of $given"; return; }
  parts=$(jq -r '.parts[] | [.part, .file, .bytes, .sha256] | @tsv' "$1/manifest.json")
  [[ -n $parts ]] || { echo "it has no parts"; return; }
  while read -r part file bytes sum; do
    [[ -f $1/$file ]] || { echo "$file is missing"; return; }
    [[ $(stat -c %s "$1/$file") == "$bytes" ]] || { echo "$file has $(stat -c %s "$1/$file") bytes instead of $bytes"; return; }
    [[ $(sha256 "$1/$file") == "$sum" ]] || { echo "$file is not what was written (SHA-256)"; return; }
  done <<<"$parts"
  extra=$(cd "$1" && find . -mindepth 1 -printf '%P\n' | grep -vxFf <(cut -f 2 <<<"$parts") | grep -vxE 'manifest\.(json|sha256)') ||
    return 0
  echo "$(head -n 1 <<<"$extra") does not belong to it"
}

parts_of() { # parts_of FOLDER : the parts that are in it
  local part file whole
  for part in $ALL_PARTS; do
    whole=yes
    for file in $(part_files "$part"); do
      jq -e --arg file "$file" 'any(.parts[]; .file == $file or .file == $file + ".age")' "$1/manifest.json" >/dev/null || whole=
    done
    [[ -z $whole ]] || echo "$part"
  done
}

opened() { # opened FOLDER FILE : the path of a part's file, decrypted if need be
  if [[ ! -e $1/$2.age ]]; then
    echo "$1/$2"
    return
  fi
  [[ -n ${identity:-} ]] || die "$REFUSED" "this backup is encrypted: --identity FILE names the secret key"
  [[ -e $work/$2 ]] || age -d -i "$identity" -o "$work/$2" "$1/$2.age" 2>"$work/age.log" ||
    die "$REFUSED" "$2.age cannot be decrypted: $(tail -n 1 "$work/age.log")"
  echo "$work/$2"
}
use_identity() { # use_identity FILE
  [[ -r $1 ]] || die "$WRONG" "$1 cannot be read"
  [[ $(realpath "$1") != "$(realpath "$backups")"/* ]] || die "$REFUSED" "the secret key must not lie beside the backups it opens"
  need age age
  identity=$1
}
open_parts() { # open_parts FOLDER [PART…] : opens every file of the parts with the program that is to read it
  local part file path parts=${*:2}
  for part in ${parts:-$(parts_of "$1")}; do
    for file in $(part_files "$part"); do
      path=$(opened "$1" "$file") || exit
      case $file in
        *.dump) pg_restore -f /dev/null "$path" 2>"$work/open.log" ;;
        *.rdb) redis-check-rdb "$path" >"$work/open.log" 2>&1 ;;
        *) check_archive "$path" 2>"$work/open.log" ;;
      esac || die "$REFUSED" "$file cannot be opened: $(tail -n 1 "$work/open.log")"
    done
  done
}
find_backup() { # find_backup NAME : in the folder of backups, or a path
  local found
  for found in "$backups/$1" "$1"; do
    [[ ! -d $found ]] || { realpath "$found"; return; }
  done
  die "$WRONG" "there is no backup $1 in $backups"
}
