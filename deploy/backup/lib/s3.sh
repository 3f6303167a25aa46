# shellcheck shell=bash disable=SC2154 # from common.sh
# A store that speaks the protocol of S3, by path: ENDPOINT/BUCKET/KEY. To be sourced.
readonly GONE=44
# The SHA-256 of an empty body.
readonly NOTHING=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
# What one call may carry.
readonly S3_LIMIT=$((5 << 30))

use_s3() { # use_s3 VARIABLES PREFIX : VARIABLES_BUCKET, …; keys are meant below PREFIX
  s3_region=$(setting "$1_REGION" us-east-1)
  s3_bucket=$(setting "$1_BUCKET")
  s3_endpoint=$(setting "$1_ENDPOINT" "https://s3.$s3_region.amazonaws.com")
  s3_user=$(setting "$1_ACCESS_KEY"):$(setting "$1_SECRET_KEY")
  s3_prefix=$2
  [[ -n $s3_bucket && $s3_user == ?*:?* ]] || die "$WRONG" "$1_BUCKET, $1_ACCESS_KEY and $1_SECRET_KEY belong together"
}
encoded() { jq -rn --arg text "$1" '$text | @uri'; }
quoted() { # for a line of curl's settings
  local text=${1//\\/\\\\}
  printf '%s' "${text//\"/\\\"}"
}

s3() { # s3 KEY QUERY SHA256 [CURL-ARGUMENT…] : the secret stands in no list of processes
  local key code
  key=$(encoded "$1")
  code=$({
    echo "user = \"$(quoted "$s3_user")\""
    echo "url = \"${s3_endpoint%/}/$s3_bucket${key:+/${key//%2F//}}${2:+?$2}\""
  } | curl -K - -sS --aws-sigv4 "aws:amz:$s3_region:s3" --connect-timeout 10 --speed-limit 100 --speed-time 60 \
    -w '%{http_code}' -H "x-amz-content-sha256: $3" "${@:4}") || return
  case $code in
    2??) ;;
    404) return "$GONE" ;;
    *)
      say "the store answered $code to ${1:-a listing}"
      return 1
      ;;
  esac
}
s3_put() { # s3_put FILE KEY
  (($(stat -c %s "$1") <= S3_LIMIT)) || die "$FAILED" "$1 is larger than 5 GiB, which the store takes in one piece"
  s3 "$s3_prefix$2" '' "$(sha256 "$1")" -o /dev/null -T "$1"
}
s3_get() { # s3_get KEY FILE
  local status=0
  s3 "$s3_prefix$1" '' "$NOTHING" -o "$2" || status=$?
  ((status == 0)) || rm -f "$2"
  return "$status"
}
s3_delete() { # s3_delete KEY : one that is gone already is no failure
  s3 "$s3_prefix$1" '' "$NOTHING" -o /dev/null -X DELETE || [[ $? == "$GONE" ]]
}
s3_list() { # s3_list PREFIX : prints the keys
  local token='' page
  page=$(mktemp "$work/page.XXXXXX")
  while :; do
    s3 '' "${token:+continuation-token=$(encoded "$token")&}list-type=2&prefix=$(encoded "$s3_prefix$1")" "$NOTHING" -o "$page" || return
    grep -oE '<Key>[^<]+' "$page" | sed "s|^<Key>||; s|^$s3_prefix||" || true
    token=$(grep -oE '<NextContinuationToken>[^<]+' "$page" | sed 's/^<[^>]*>//') || break
  done
  rm -f "$page"
}
