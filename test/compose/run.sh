#!/usr/bin/env bash
# npm run test:compose: brings docker-compose.yml up as a user would, does the main job through it, looks for secrets
# that show where they must not, and takes everything down again, also after a failure.
#
# Beside a running copy it does no harm: it has its own project name, image tag and port. Where no Docker engine
# answers, it starts one (engine.sh); where images cannot be pulled, it makes stand-ins (base-images.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

project=api-keys-test-$$
tag=compose-test
image=le-bureau-api-keys:$tag
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=(-f docker-compose.yml)
step='starting'
engine_is_ours=

step() { step=$1; printf '%4d s  %s\n' "$SECONDS" "$1"; }
fail() { echo "        $*" >&2; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected $2, got $3."; }

compose() {
  API_KEYS_TAG=$tag GATEWAY_PORT=$port "${compose_command[@]}" "${files[@]}" --project-name "$project" "$@" </dev/null
}
quietly() { "$@" >"$work/output" 2>&1 || { tail -n 40 "$work/output" >&2; return 1; }; }
keys() { compose exec -T keys keys "$@" 2>"$work/said" || { cat "$work/said" >&2; return 1; }; }

# The status with which the gateway answers a key. The key goes through standard input: arguments show in ps.
status_for() {
  printf 'header = "Authorization: Bearer %s"\n' "$1" |
    curl --silent --noproxy '*' --output /dev/null --write-out '%{http_code}' --config - "http://127.0.0.1:$port/v1/me"
}

await_gateway() {
  local deadline=$((SECONDS + 60))
  until curl --silent --fail --noproxy '*' --output /dev/null "http://127.0.0.1:$port/readyz"; do
    [ "$SECONDS" -lt "$deadline" ] || fail 'the gateway was not ready after 60 seconds.'
    sleep 0.5
  done
}

container() { docker ps --quiet --filter "label=com.docker.compose.project=$project" \
  --filter "label=com.docker.compose.service=$1"; }
kept_secrets() { docker run --rm --network none --user root --entrypoint sh \
  --volume "${project}_secrets:/kept:ro" "$image" -c 'cat /kept/*'; }

finish() {
  local code=$?
  if [ "$code" != 0 ]; then
    echo "FAILED: $step" >&2
    compose ps >&2 || true
    compose logs --no-color --tail 20 >&2 || true
  fi
  printf '%4d s  taking everything down\n' "$SECONDS"
  quietly compose down --volumes --timeout 10 || code=1
  rm -rf "$work"
  [ -z "$engine_is_ours" ] || test/compose/engine.sh stop || code=1
  [ "$code" != 0 ] || echo "passed in $SECONDS s."
  exit "$code"
}

if docker compose version >/dev/null 2>&1; then
  compose_command=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose_command=(docker-compose)
else
  fail 'Docker Compose is not installed (Debian: apt-get install docker-compose).'
fi
port=$(node -e "const s = net.createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")

if ! docker info >/dev/null 2>&1; then
  step 'no Docker engine answers: starting one'
  test/compose/engine.sh start
  engine_is_ours=yes
fi
trap finish EXIT

for base in node:22-bookworm-slim postgres:18 redis:8-alpine; do
  if ! docker image inspect "$base" >/dev/null 2>&1 && ! quietly docker pull "$base" 2>/dev/null; then
    step "$base cannot be pulled here: making stand-ins"
    test/compose/base-images.sh
  fi
  [ -z "$(docker image inspect --format '{{index .Config.Labels "stand-in"}}' "$base")" ] ||
    echo "        $base is a local stand-in, not the official image."
done

# The image's own npm is asked, with a container's network.
if ! docker run --rm node:22-bookworm-slim npm ping --fetch-timeout=5000 --fetch-retries=0 >/dev/null 2>&1; then
  echo "        containers do not reach the npm registry here: building on the host's network."
  files+=(-f test/compose/build-on-host-network.yml)
fi

step 'up --build'
quietly compose up --build --detach
await_gateway

step 'a key is issued, listed and accepted'
key=$(keys issue --owner ada@example.com --name 'Production CI' --capability desktop:read)
id=$(cut -d_ -f3 <<<"$key")
[[ $(keys list --owner ada@example.com) == *"$id"* ]] || fail "the list does not have the key $id."
expect 'a key that was issued' 200 "$(status_for "$key")"
expect 'a key that was made up' 401 "$(status_for "${key%?????}aaaaa")"

step 'down and up again keep the key and the secrets'
kept_secrets >"$work/secrets"
expect 'secrets that were generated' 7 "$(grep -cE '^[0-9a-f]{64}$' "$work/secrets")"
quietly compose down
quietly compose up --detach
await_gateway
kept_secrets | cmp --silent - "$work/secrets" || fail 'the secrets are others after the second start.'
expect 'the key after the second start' 200 "$(status_for "$key")"

step 'no secret shows'
echo "$key" >>"$work/secrets"
containers=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$project")
mkdir "$work/seen"
# shellcheck disable=SC2086 # a word for each container
docker inspect $containers >"$work/seen/docker inspect of the containers"
docker inspect "$image" >"$work/seen/docker inspect of the image"
docker history --no-trunc "$image" >"$work/seen/docker history"
compose config >"$work/seen/docker compose config"
compose logs --no-color >"$work/seen/docker compose logs" 2>&1
for service in postgres redis keys gateway; do
  docker top "$(container $service)" -o pid,args >"$work/seen/ps of $service"
done
# Ours only: the image of postgres hands it its own password this way, and redis writes over its environment.
for service in keys gateway; do
  docker exec "$(container $service)" sh -c 'cat /proc/[0-9]*/environ' >"$work/seen/environment of $service" 2>/dev/null
done
for place in "$work"/seen/*; do
  [ -s "$place" ] || fail "${place##*/} is empty, and proves nothing."
  ! grep --quiet --text --fixed-strings --file "$work/secrets" "$place" || fail "a secret shows in ${place##*/}."
done

step 'each service has its own secrets, no privileges and nothing to write to'
while read -r service secrets; do
  expect "secrets of $service" "$secrets" "$(docker exec "$(container "$service")" ls -m /run/secrets | tr -d ' ')"
  # shellcheck disable=SC2016 # $(...) is for the container's shell
  docker exec "$(container "$service")" sh -c '
    [ "$(id -u)" != 0 ] && grep -q "^CapBnd:\s*0*$" /proc/1/status && grep -q "^NoNewPrivs:\s*1$" /proc/1/status &&
      grep -q "^[^ ]* / [^ ]* ro," /proc/mounts &&
      for file in /run/secrets/*; do [ "$(stat -c %a-%u "$file")" = "400-$(id -u)" ] || exit 1; done
  ' || fail "$service has privileges, a root to write to, or secrets that others can read."
done <<'END'
postgres database-password
redis redis-password
keys database-password,manage-token,redis-password,tag-secret,verdict-secret,verify-token
gateway identity-secret,redis-password,tag-secret,verify-token
END

step 'only the gateway is reachable from the host, and it does not reach the database'
expect 'published ports' "127.0.0.1:$port->3000/tcp" \
  "$(docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Ports}}' | grep -o '[^ ,]*->[^ ,]*')"
reach="net.connect({ host: process.argv[1], port: process.argv[2] }).on('connect', () => process.exit()).on('error', () => process.exit(3))"
docker exec "$(container gateway)" node -e "$reach" keys 3002 || fail 'the gateway does not reach keys.'
code=0; docker exec "$(container gateway)" node -e "$reach" postgres 5432 || code=$?
expect 'a connection from the gateway to postgres' 'error 3' "error $code"

step 'revoked, the key is refused'
printf '        %s\n' "$(keys revoke "$id")"
expect 'a key that was revoked' 401 "$(status_for "$key")"
[[ $(keys list --owner ada@example.com) != *"$id"* ]] || fail 'the list still has the key.'
