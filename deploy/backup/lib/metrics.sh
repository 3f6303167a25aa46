# shellcheck shell=bash disable=SC2154 # from common.sh
# Which backups there are, how long they are kept, and what monitoring reads of them. To be sourced.

latest() { # latest KIND : the folder of the newest backup, or nothing
  find "$backups" -mindepth 2 -maxdepth 2 -name manifest.json -path "$backups/$1_*" -printf '%h\n' | sort | tail -n 1
}

forget_old() { # of each kind the newest stays, however old it is
  local each days newest made
  for each in full database redis vectors files config; do
    days=$keep_days
    [[ $each != redis ]] || days=$redis_keep_days
    newest=$(latest "$each")
    find "$backups" -mindepth 1 -maxdepth 1 -type d -regextype posix-extended -regex ".*/${each}_[0-9]{8}_[0-9]{6}" |
      while IFS= read -r folder; do
        # By its name: copying a backup elsewhere and back changes the times of its files.
        made=$(sed -E 's/.*_(....)(..)(..)_(..)(..)(..)$/\1-\2-\3 \4:\5:\6/' <<<"$folder")
        made=$(date -u -d "$made" +%s 2>/dev/null) || continue
        if [[ $folder == "$newest" ]] || (($(date -u +%s) - made <= days * 86400)); then continue; fi
        rm -rf "$folder"
        say "deleted ${folder##*/}, older than $days days"
      done
  done
}

# For the alert "backup older than 26 h"; a failure leaves the time of the last success as it is.
report() { # report STATUS
  local folder=/var/lib/prometheus/node-exporter newest
  folder=$(setting BACKUP_METRICS_DIR "$([[ -d $folder ]] && echo "$folder")")
  [[ -n $folder ]] || return 0
  [[ -d $folder ]] || { mkdir -p "$folder" && chmod 755 "$folder"; }
  newest=$(latest full)
  {
    echo "# HELP ai_english_backup_last_run_failed Whether the last full backup failed."
    echo "# TYPE ai_english_backup_last_run_failed gauge"
    echo "ai_english_backup_last_run_failed $(($1 != 0))"
    if [[ -n $newest ]]; then
      echo "# HELP ai_english_backup_last_success_timestamp_seconds When the newest full backup was begun."
      echo "# TYPE ai_english_backup_last_success_timestamp_seconds gauge"
      echo "ai_english_backup_last_success_timestamp_seconds $(date -u -d "$(field "$newest" .began_at)" +%s)"
      echo "# HELP ai_english_backup_last_size_bytes Size of the newest full backup."
      echo "# TYPE ai_english_backup_last_size_bytes gauge"
      echo "ai_english_backup_last_size_bytes $(size_of "$newest")"
      echo "# HELP ai_english_backup_last_duration_seconds How long the last full backup took, or tried."
      echo "# TYPE ai_english_backup_last_duration_seconds gauge"
      echo "ai_english_backup_last_duration_seconds $((SECONDS - seconds))"
    fi
  } >"$folder/.ai_english_backup.$$"
  chmod 644 "$folder/.ai_english_backup.$$"
  mv "$folder/.ai_english_backup.$$" "$folder/ai_english_backup.prom"
}
