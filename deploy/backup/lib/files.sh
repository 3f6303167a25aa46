# shellcheck shell=bash disable=SC2034,SC2154 # from common.sh, for others
# Archives, printed documents, uploads and the configuration. To be sourced.

pack() { # pack FILE TAR-ARGUMENT… : files that vanish or grow meanwhile were not finished, and are no failure
  local status=0
  # shellcheck disable=SC2094 # the file is written only here
  { tar --numeric-owner --warning=no-file-changed --warning=no-file-removed -c "${@:2}" || status=$?; [[ $status -le 1 ]]; } |
    zstd -q -T0 -3 >"$1"
}
# What a disk of its own has in its folder, and what a restore leaves there that was cut short.
not_ours=(--exclude=./lost+found --exclude=./.restoring --exclude=./.replaced)
unpack() { # unpack FILE FOLDER : what a disk of its own keeps for itself belongs to that disk alone
  zstd -q -d -c "$1" | tar --numeric-owner -x --exclude=./lost+found -C "$2"
}
check_archive() { zstd -q -d -c "$1" | tar -t >/dev/null; }

file_settings() {
  export_bucket=$(setting EXPORT_S3_BUCKET)
  export_dir=$(from_root "$(setting EXPORT_DIR exports)")
  upload_dir=$(from_root "$(setting UPLOAD_DIR uploads)")
  file_place="the folders $export_dir and $upload_dir"
  [[ -z $export_bucket ]] || file_place="the documents in the bucket $export_bucket, and the folder $upload_dir"
}

dump_files() { # dump_files FOLDER : exports.tar.zst and uploads.tar.zst
  local source=$export_dir
  if [[ -n $export_bucket ]]; then
    source=$work/objects
    mkdir "$source"
    use_s3 EXPORT_S3 ''
    s3_list tasks/ | while IFS= read -r key; do
      mkdir -p "$source/${key%/*}"
      # Documents expire: one that is gone by now is no failure.
      s3_get "$key" "$source/$key" || [[ $? == "$GONE" ]]
    done
  fi
  mkdir -p "$work/none"
  is_folder "$source" EXPORT_DIR || source=$work/none
  # What the store writes under another name first is not finished.
  pack "$1/exports.tar.zst" --exclude=./health --exclude='*#[0-9]*' "${not_ours[@]}" -C "$source" .
  source=$upload_dir
  # Nothing writes there in this version: that it is missing is no news.
  [[ -d $source ]] || source=$work/none
  pack "$1/uploads.tar.zst" "${not_ours[@]}" -C "$source" .
  rm -rf "$work/objects"
}

# A folder may be a disk of its own, or lead to one: what replaces its content is made ready on that disk.
staging() { # staging FOLDER : prints where
  local folder
  folder=$(readlink -m "$1")
  if mountpoint -q "$folder"; then printf '%s/.restoring' "${folder%/}"; else printf '%s.restoring' "$folder"; fi
}

replace_folder() { # replace_folder FOLDER : by what is staged; belongs to whom the folder, or the one above it, belonged to
  local new folder owner
  new=$(staging "$1")
  folder=$(readlink -m "$1")
  owner=$folder
  [[ -e $owner ]] || owner=$(dirname "$folder")
  chown -R --reference="$owner" "$new"
  if [[ $new == "$folder"/* ]]; then
    # The disk stays, and what its file system keeps there.
    mkdir "$folder/.replaced"
    move_content "$folder" "$folder/.replaced"
    move_content "$new" "$folder"
    rm -rf "$new" "$folder/.replaced"
    return
  fi
  [[ ! -e $folder ]] || chmod --reference="$folder" "$new"
  [[ ! -e $folder ]] || mv -T "$folder" "$folder.replaced"
  mv -T "$new" "$folder"
  rm -rf "$folder.replaced"
}
move_content() { # move_content FROM TO
  find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .restoring ! -name .replaced -exec mv -t "$2" -- {} +
}

config_entries() { # prints `name path` of each part of the configuration
  local entries=() entry
  IFS=: read -ra entries <<<"$config_paths"
  for entry in "${entries[@]}"; do
    [[ $entry =~ ^[a-z-]+=/ ]] || die "$WRONG" "BACKUP_CONFIG must read name=/path[:name=/path…]"
    printf '%s %s\n' "${entry%%=*}" "${entry#*=}"
  done
}

dump_config() { # dump_config FILE
  local name path
  mkdir "$work/config"
  config_entries | while read -r name path; do
    [[ ! -e $path ]] || cp -RH --preserve=mode,timestamps "$path" "$work/config/$name"
  done
  [[ -n $(ls "$work/config") ]] || die "$FAILED" "there is no configuration at ${config_paths//:/, }"
  pack "$1" -C "$work/config" .
  rm -rf "$work/config"
}

restore_config() { # restore_config FOLDER : each part to where this installation has it
  local name path owner mode
  config_entries | while read -r name path; do
    [[ -e $1/$name ]] || continue
    if [[ -d $1/$name ]]; then
      mkdir -p "$path"
      # The folder may be a mount, and belongs to who reads it here: what is in it is replaced, not the folder.
      owner=$(stat -c %u:%g "$path") mode=$(stat -c %a "$path")
      find "$path" -mindepth 1 -delete
      cp -R --preserve=mode,timestamps "$1/$name/." "$path/"
      chown -hR "$owner" "$path/."
      chmod "$mode" "$path"
    else
      mkdir -p "$(dirname "$path")"
      # In place: the file may be a mount, and others may have it by another name.
      touch "$path" && chmod 600 "$path" && cat "$1/$name" >"$path"
      # The settings hold secrets, whoever might read them once.
      [[ $name == env ]] || chmod --reference="$1/$name" "$path"
    fi
    say "replaced $path"
  done
}
