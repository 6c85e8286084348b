#!/usr/bin/env bash
# Brings a backup into an empty database and a bucket. Settings as for pictor: DATABASE_URL(_FILE), AWS_….
#
#   deploy/backup/restore.sh FOLDER [DUMP]    (the newest of FOLDER/database)
#
# Stop Pictor first. A database that holds tables is refused; in the bucket nothing is removed. It can be run again.
# Needs pg_restore and psql of the server's version or newer, and pictor, on the PATH.
set -euo pipefail
[[ $# == 1 || $# == 2 ]] || {
  sed -n '4p' "$0" | sed 's/^# */usage: /' >&2
  exit 64
}
folder=$1
# shellcheck source-path=SCRIPTDIR source=database-url.sh
. "$(dirname "$0")/database-url.sh"

dump=${2:-$(find "$folder/database" -name '*.dump' | sort | tail -n 1)}
[[ -f $dump && -d $folder/pictures ]] || {
  echo "restore: $folder is no backup: there is no database/TIME.dump, or no pictures" >&2
  exit 66
}
tables=$(psql -XAtq -d "$url" -c "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'")
[[ $tables == 0 ]] || {
  echo "restore: the database holds $tables tables; make a new one and name it in DATABASE_URL" >&2
  exit 69
}

# The pictures first: when the rows are there, everything is.
pictor storage migrate --from local --to s3 --data "$folder/pictures"
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname "$url" "$dump"
# A newer program than the backup's brings the schema along.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pictor migrate --data "$work"
echo "restore: $dump"
