# shellcheck shell=bash
# Sets `url` to PostgreSQL's address from Pictor's settings, for backup.sh and restore.sh. The password goes into the
# environment, because everybody on the machine can read the words of a command line.
file=${PICTOR_DATABASE_URL_FILE:-${DATABASE_URL_FILE:-}}
url=${PICTOR_DATABASE_URL:-${DATABASE_URL:-}}
[[ -z $file ]] || url=$(<"$file")
[[ -n $url ]] || {
  echo "${0##*/}: set DATABASE_URL or DATABASE_URL_FILE, as for pictor" >&2
  exit 78
}
if [[ $url =~ ^(postgres(ql)?://[^:@/]*):([^@/]*)@(.*)$ ]]; then
  password=${BASH_REMATCH[3]//\\/\\\\}
  url="${BASH_REMATCH[1]}@${BASH_REMATCH[4]}"
  PGPASSWORD=$(printf '%b' "${password//%/\\x}")
  export PGPASSWORD
fi
