#!/usr/bin/env bash
# Copies PostgreSQL and the bucket to a folder while Pictor runs. Settings as for pictor: DATABASE_URL(_FILE), AWS_….
#
#   deploy/backup/backup.sh FOLDER
#
# FOLDER/database/TIME.dump are the rows, one file per run, the last BACKUP_KEEP (14) of them. FOLDER/pictures is one
# copy of the bucket that grows: only what is new is fetched, and what was deleted since stays until you remove it.
# Needs pg_dump of the server's version or newer, and pictor, on the PATH.
set -euo pipefail
[[ $# == 1 ]] || {
  sed -n '4p' "$0" | sed 's/^# */usage: /' >&2
  exit 64
}
folder=$1
# shellcheck source-path=SCRIPTDIR source=database-url.sh
. "$(dirname "$0")/database-url.sh"

umask 077
mkdir -p "$folder/database"
exec 9>"$folder/lock"
flock --nonblock 9 || {
  echo "backup: another one is running on $folder" >&2
  exit 69
}

# The rows first: each of them then has its pictures in the copy, except those deleted in between. The dump gets its
# name when the pictures are there as well.
dump="$folder/database/$(date -u +%Y-%m-%dT%H-%M-%SZ).dump"
trap 'rm -f "$dump.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --file "$dump.part" "$url"
pg_restore --list "$dump.part" >/dev/null
pictor storage migrate --from s3 --to local --data "$folder/pictures"
sync "$dump.part"
mv "$dump.part" "$dump"

find "$folder/database" -name '*.dump' | sort -r | tail -n "+$((${BACKUP_KEEP:-14} + 1))" | xargs -r rm --
echo "backup: $dump"
