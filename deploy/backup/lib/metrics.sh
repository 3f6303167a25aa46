# shellcheck shell=bash disable=SC2154 # from common.sh
# Which backups there are, how long they are kept, and what monitoring reads of them. To be sourced.

latest() { # latest KIND : the folder of the newest backup, or nothing
  find "$backups" -mindepth 2 -maxdepth 2 -name manifest.json -path "$backups/$1_*" -printf '%h\n' | sort | tail -n 1
}

is_older() { # is_older NAME DAYS : by its name, since copying a backup elsewhere and back changes the times of its files
  local made
  made=$(sed -E 's/.*_(....)(..)(..)_(..)(..)(..)$/\1-\2-\3 \4:\5:\6/' <<<"$1")
  made=$(date -u -d "$made" +%s 2>/dev/null) || return 1
  (($(date -u +%s) - made > $2 * 86400))
}

forget_old() { # of each kind the newest stays, however old it is
  local each days newest
  for each in full database redis vectors files config; do
    days=$keep_days
    [[ $each != redis ]] || days=$redis_keep_days
    newest=$(latest "$each")
    find "$backups" -mindepth 1 -maxdepth 1 -type d -regextype posix-extended -regex ".*/${each}_[0-9]{8}_[0-9]{6}" |
      while IFS= read -r folder; do
        if [[ $folder == "$newest" ]] || ! is_older "$folder" "$days"; then continue; fi
        rm -rf "$folder"
        say "deleted ${folder##*/}, older than $days days"
      done
  done
}

# Copies in the store go as backups do. One that lets nothing be deleted is no reason for a failure: the copy is there.
forget_old_copies() {
  local name key
  s3_list full_ >"$work/copies.txt" || { say "warning: the copies in $s3_bucket cannot be listed, and none was deleted"; return 0; }
  grep -oE '^full_[0-9]{8}_[0-9]{6}/' "$work/copies.txt" | tr -d / | sort -u | sed '$d' >"$work/old.txt" || true
  while IFS= read -r name; do
    is_older "$name" "$keep_days" || continue
    # The manifest first: what is left when this ends half-way is none.
    while IFS= read -r key; do
      s3_delete "$key" || { say "warning: $key in $s3_bucket, older than $keep_days days, cannot be deleted"; return 0; }
    done < <(printf '%s\n' "$name/manifest.json"; grep -F "$name/" "$work/copies.txt" | grep -vxF "$name/manifest.json")
    say "deleted the copy $name, older than $keep_days days"
  done <"$work/old.txt"
}

# For the alert "backup older than 26 h"; a failure leaves the time of the last success as it is.
report() { # report STATUS
  local folder=/var/lib/prometheus/node-exporter newest made
  folder=$(setting BACKUP_METRICS_DIR "$([[ -d $folder ]] && echo "$folder")")
  [[ -n $folder ]] || return 0
  [[ -d $folder ]] || { mkdir -p "$folder" && chmod 755 "$folder"; }
  newest=$(latest full)
  {
    echo "# HELP ai_english_backup_last_run_failed Whether the last full backup failed."
    echo "# TYPE ai_english_backup_last_run_failed gauge"
    echo "ai_english_backup_last_run_failed $(($1 != 0))"
    # Without jq nobody knows when that was.
    if [[ -n $newest ]] && made=$(field "$newest" .began_at); then
      echo "# HELP ai_english_backup_last_success_timestamp_seconds When the newest full backup was begun."
      echo "# TYPE ai_english_backup_last_success_timestamp_seconds gauge"
      echo "ai_english_backup_last_success_timestamp_seconds $(date -u -d "$made" +%s)"
      echo "# HELP ai_english_backup_last_size_bytes Size of the newest full backup."
      echo "# TYPE ai_english_backup_last_size_bytes gauge"
      echo "ai_english_backup_last_size_bytes $(size_of "$newest")"
      echo "# HELP ai_english_backup_last_duration_seconds How long the last full backup took, or tried."
      echo "# TYPE ai_english_backup_last_duration_seconds gauge"
      echo "ai_english_backup_last_duration_seconds $((SECONDS - seconds))"
    fi
    if [[ -s $backups/.copied && -n $(setting BACKUP_S3_BUCKET) ]]; then
      echo "# HELP ai_english_backup_last_upload_timestamp_seconds When a full backup last was whole in the object store."
      echo "# TYPE ai_english_backup_last_upload_timestamp_seconds gauge"
      echo "ai_english_backup_last_upload_timestamp_seconds $(<"$backups/.copied")"
    fi
  } >"$folder/.ai_english_backup.$$"
  chmod 644 "$folder/.ai_english_backup.$$"
  mv "$folder/.ai_english_backup.$$" "$folder/ai_english_backup.prom"
}
