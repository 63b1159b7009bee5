#!/usr/bin/env bash
# Starts or stops a Docker engine by hand, for machines without an init system.
#
#   engine.sh start     start dockerd and wait until it answers (does nothing when it already does)
#   engine.sh stop      stop the dockerd that this script started (does nothing when there is none)
#
# ENGINE_DIR       where images, volumes, the pid file and the log live (default /tmp/compose-engine);
#                  keep it short: it holds unix sockets, whose paths end at 108 characters
# DOCKER_HOST      where it listens, as docker itself reads it (default unix:///var/run/docker.sock)
# ENGINE_STORAGE   storage driver; by default the engine chooses (overlay2 where the kernel has it)
# ENGINE_TIMEOUT   seconds to wait for start and for stop (default 60)
set -euo pipefail

dir=${ENGINE_DIR:-/tmp/compose-engine}
timeout=${ENGINE_TIMEOUT:-60}
pidfile=$dir/dockerd.pid
log=$dir/dockerd.log

die() { echo "engine: $*" >&2; exit 1; }

answers() { docker info >/dev/null 2>&1; }

# The pid of our own dockerd. A pid file that outlived its process counts for
# nothing, and so does one whose number has gone to another program since.
our_pid() {
  local pid
  pid=$(cat "$pidfile" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && echo "$pid"
}

start() {
  command -v docker >/dev/null || die "the docker client is not installed (Debian: apt-get install docker.io)."
  if answers; then echo "engine: already running."; return; fi
  command -v dockerd >/dev/null || die "dockerd is not installed (Debian: apt-get install docker.io)."
  [ "$(id -u)" = 0 ] || die "starting the engine needs root."

  local pid waited=0
  if ! pid=$(our_pid); then
    mkdir -p "$dir/data" "$dir/exec"
    rm -f "$pidfile"
    # --iptables=false, --ip-forward=false: leave the host's firewall and
    #   routing alone. Containers still reach each other (one bridge) and
    #   published ports still work (docker-proxy), but nothing is masqueraded:
    #   a container has no way out. Builds use the host's network instead.
    # --dns-opt: asking for a name that no container has (a stopped service)
    #   goes on to a name server nobody can reach from in there. 2 seconds of
    #   waiting instead of 20.
    # setsid, </dev/null: outlive the shell that called us.
    setsid dockerd \
      --data-root="$dir/data" --exec-root="$dir/exec" --pidfile="$pidfile" \
      --iptables=false --ip6tables=false --ip-forward=false \
      --dns-opt=timeout:1 --dns-opt=attempts:1 \
      ${DOCKER_HOST:+--host="$DOCKER_HOST"} \
      ${ENGINE_STORAGE:+--storage-driver="$ENGINE_STORAGE"} \
      </dev/null >"$log" 2>&1 &
    pid=$!
  fi
  until answers; do
    [ -d "/proc/$pid" ] || die "dockerd gave up, its last words in $log: $(tail -n 1 "$log")"
    [ "$waited" -lt "$timeout" ] || die "dockerd does not answer after $timeout seconds, see $log."
    sleep 1
    waited=$((waited + 1))
  done
  echo "engine: running as process $pid, $(docker info --format 'version {{.ServerVersion}}, {{.Driver}}, cgroup v{{.CgroupVersion}}')."
}

stop() {
  local pid waited=0
  if ! pid=$(our_pid); then echo "engine: not running (none that this script started)."; return; fi
  kill "$pid"   # it stops its containers and its containerd itself
  while [ -d "/proc/$pid" ]; do
    [ "$waited" -lt "$timeout" ] || die "process $pid has not ended after $timeout seconds, see $log."
    sleep 1
    waited=$((waited + 1))
  done
  rm -f "$pidfile"
  # dockerd leaves these mounted, and the folder could not be removed.
  umount "$dir/data" "$dir/exec/netns/default" 2>/dev/null || true
  echo "engine: stopped."
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *) echo "usage: $0 start|stop" >&2; exit 2 ;;
esac
