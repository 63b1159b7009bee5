# What npm run test:compose goes through, in this order. Sourced by run.sh, whose names it uses.
# shellcheck shell=bash disable=SC2154

keys() { compose exec -T keys keys "$@" 2>"$work/said" || { cat "$work/said" >&2; return 1; }; }
issue() { keys issue --owner ada@example.com --name "$1" --capability desktop:read "${@:2}"; }

# curl, with what is secret in a header through standard input: arguments show in ps.
call() { # header url arguments
  printf 'header = "%s"\n' "$1" | curl --silent --noproxy '*' --max-time 20 --config - "${@:3}" "$2"
}
# The status with which the gateways answer a key; a machine that is busy with all of this may need another second.
status_for() {
  call "Authorization: Bearer $1" "$gateway/v1/me" --retry 3 --output /dev/null --write-out '%{http_code}'
}
# The page of the dashboard, by the person who has signed up.
page() { # method path body
  call "Origin: $dashboard" "$dashboard$2" --request "$1" --cookie "$work/cookies" --cookie-jar "$work/cookies" \
    --fail-with-body ${3:+--header 'Content-Type: application/json' --data "$3"}
}
field() { node -e 'console.log(JSON.parse(fs.readFileSync(0))[process.argv[1]])' "$1"; }

await() { # what command...
  local deadline=$((SECONDS + 120))
  until "${@:2}" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$1: not so after 120 seconds."
    sleep 0.5
  done
}
# How many gateways the balancer sends requests to, and how many have answered some.
ready_gateways() { balancer_metric 'haproxy_server_status{proxy="gateways".*state="UP"} 1$'; }
used_gateways() { balancer_metric 'haproxy_server_http_responses_total{proxy="gateways".*code="2xx"} [1-9]'; }
balancer_metric() { docker exec "$(container balancer)" wget -q -O - http://127.0.0.1:9464/metrics | grep -c "$1"; }
# The balancer is free to send several to the same one.
is_accepted_by() { expect 'a key that was issued' 200 "$(status_for "$key")"; [ "$(used_gateways)" = "$1" ]; }
are_ready() { [ "$(ready_gateways)" = "$1" ]; }
is_ready() { curl --silent --fail --noproxy '*' --output /dev/null "$1/readyz"; }
is_healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$(container "$1")")" = healthy ]; }
all_ready() { await "$1 gateways behind the balancer" are_ready "$1" && await 'the dashboard' is_ready "$dashboard"; }

# Whether this is what Prometheus scrapes and with what success; how its alerts go; whether it finds any series.
is_scraped() {
  [ "$(ask_prometheus targets 'data.activeTargets.map(({ labels, health }) => `${labels.job} ${health}`)')" = "$1" ]
}
are_evaluated() { [ "$(ask_prometheus rules 'data.groups.flatMap(({ rules }) => rules).map(({ health }) => health)')" = "$1" ]; }
is_found() { [ -n "$(ask_prometheus query 'data.result.map(() => 1)' --get --data-urlencode "query=$1")" ]; }
# A line of the answer's for each that an expression makes of it, as "3 of-these 2 of-those".
ask_prometheus() { # path expression arguments
  curl --silent --fail --noproxy '*' --max-time 20 "$prometheus/api/v1/$1" "${@:3}" |
    node -e "const { data } = JSON.parse(fs.readFileSync(0)); console.log($2.join('\n'))" |
    sed '/^$/d' | sort | uniq -c | xargs
}

# The first container of a service, or all of them.
container() { containers "$1" | head -n 1; }
containers() { docker ps --quiet --filter "label=com.docker.compose.project=$project" \
  --filter "label=com.docker.compose.service=$1"; }
kept_secrets() { docker run --rm --network none --user root --entrypoint sh \
  --volume "${project}_secrets:/kept:ro" "$image" -c 'cat /kept/*'; }

all_ready 3

step 'the image has what runs, and nothing that makes it'
image_size=$(docker image inspect --format '{{.Size}}' node:22-bookworm-slim "$image" |
  awk '{ size[NR] = $1 / 1e6 } END { printf "%.0f MB, %.0f MB of them ours", size[2], size[2] - size[1] }')
printf '        %s\n' "$image_size"
docker run --rm --network none --entrypoint sh "$image" -c '
  [ -f dist/apps/dashboard/web/index.html ] && [ ! -e node_modules/typescript ] && [ ! -e node_modules/vite ] &&
    ! command -v gcc && ! find . -name "*.ts" -o -name "*.map" | grep . && ! find dist -name "*.spec.js" | grep .
' || fail 'the image lacks the page, or has a compiler, sources or tests.'

step 'a key is issued, listed, and accepted by every gateway'
key=$(issue 'Production CI')
id=$(cut -d_ -f3 <<<"$key")
[[ $(keys list --owner ada@example.com) == *"$id"* ]] || fail "the list does not have the key $id."
for _ in 1 2 3 4 5 6; do expect 'a key that was issued' 200 "$(status_for "$key")"; done
await 'each gateway has accepted it' is_accepted_by 3
expect 'a forged key' 401 "$(status_for "${key%?????}aaaaa")"
[[ $(call "Authorization: Bearer $key" "$gateway/v1/desktops") == *'"Research"'* ]] || fail 'no desktops of the example.'

step 'somebody signs up at the dashboard, makes a key and tries it'
[[ $(page GET /settings) == *'<html'* ]] || fail 'the dashboard has no page.'
page POST /api/auth/sign-up/email '{"name":"Grace","email":"grace@example.com","password":"correct horse"}' >/dev/null
# Signing up says nothing about who has an account, and so does not sign in.
page POST /api/auth/sign-in/email '{"email":"grace@example.com","password":"correct horse"}' >/dev/null
made=$(page POST /api/keys '{"name":"Made by hand","capabilities":["desktop:read"]}' | field token)
expect 'the key that was made' 200 "$(status_for "$made")"
expect 'the key, tried by the dashboard' 200 "$(page POST /api/keys/check "{\"token\":\"$made\"}" | field status)"

step 'down and up again keep the keys and the secrets'
kept_secrets >"$work/kept-secrets"
expect 'secrets that were generated' 13 "$(grep -cE '^[0-9a-f]{64}$' "$work/kept-secrets")"
quietly compose down
scale 3 2
all_ready 3
kept_secrets | cmp --silent - "$work/kept-secrets" || fail 'the secrets are others after the second start.'
expect 'the key after the second start' 200 "$(status_for "$key")"
[[ $(page GET /api/keys) == *'Made by hand'* ]] || fail 'the dashboard does not know who is signed in.'

step 'no secret shows'
{ cat "$work/kept-secrets"; printf '%s\n' "$key" "$made"; } >"$work/secrets"
mkdir "$work/seen"
# shellcheck disable=SC2046 # a word for each container
docker inspect $(docker ps --all --quiet --filter "label=com.docker.compose.project=$project") \
  >"$work/seen/docker inspect of the containers"
docker inspect "$image" >"$work/seen/docker inspect of the image"
docker history --no-trunc "$image" >"$work/seen/docker history"
compose config >"$work/seen/docker compose config"
compose logs --no-color >"$work/seen/docker compose logs" 2>&1
for service in postgres redis keys gateway dashboard balancer example; do
  docker top "$(container $service)" -o pid,args >"$work/seen/ps of $service"
done
# Ours only: the image of postgres hands it its own password this way, and redis writes over its environment.
for service in keys gateway dashboard; do
  docker exec "$(container $service)" sh -c 'cat /proc/[0-9]*/environ' >"$work/seen/environment of $service" 2>/dev/null
done
for place in "$work"/seen/*; do
  [ -s "$place" ] || fail "${place##*/} is empty, and proves nothing."
  ! grep --quiet --text --fixed-strings --file "$work/secrets" "$place" || fail "a secret shows in ${place##*/}."
done

step 'each service has its own secrets, no privileges and nothing to write to'
while read -r service secrets; do
  # shellcheck disable=SC2016 # $(...) is for the container's shell
  docker exec "$(container "$service")" sh -c '
    [ "$(id -u)" != 0 ] && grep -q "^CapBnd:[[:space:]]*0*$" /proc/1/status &&
      grep -q "^NoNewPrivs:[[:space:]]*1$" /proc/1/status && grep -q "^[^ ]* / [^ ]* ro," /proc/mounts &&
      for file in $(find /run/secrets -type f 2>/dev/null); do [ "$(stat -c %a-%u "$file")" = "400-$(id -u)" ] || exit 1; done
  ' || fail "$service has privileges, a root to write to, or secrets that others can read."
  has=$(docker exec "$(container "$service")" sh -c 'ls /run/secrets 2>/dev/null | sort | tr "\n" ,')
  expect "secrets of $service" "$secrets" "${has%,}"
done <<'END'
postgres dashboard-database-password,database-owner-password,database-password,postgres-password
redis redis-gateway-password,redis-keys-password
keys database-password,manage-token,redis-keys-password,tag-secret,verdict-secret,verify-token,webhook-secret
gateway identity-secret,redis-gateway-password,tag-secret,verify-token
dashboard dashboard-database-password,dashboard-secret,manage-token
balancer
example
END

step 'only the balancer and the dashboard are reachable from the host, and each reaches what it needs'
expect 'published ports' "$(printf '%s\n' "127.0.0.1:$port" "127.0.0.1:$dashboard_port" | sort | xargs)" \
  "$(docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Ports}}' |
    grep -o '[^ ,]*->' | sed 's/->//' | sort | xargs)"
reach="net.connect({ host: process.argv[1], port: process.argv[2] }).on('connect', () => process.exit()).on('error', () => process.exit(3))"
while read -r from to port_there expected; do
  code=0; docker exec "$(container "$from")" node -e "$reach" "$to" "$port_there" || code=$?
  expect "a connection from $from to $to" "$expected" "$code"
done <<'END'
gateway keys 3002 0
gateway postgres 5432 3
dashboard postgres 5432 0
dashboard balancer 3080 0
example gateway 3000 0
example keys 3001 3
example balancer 3000 3
END
while read -r role database file; do
  # shellcheck disable=SC2016
  ! docker exec "$(container postgres)" sh -c 'PGPASSWORD=$(cat /run/secrets/"$2") psql -h 127.0.0.1 -U "$0" -d "$1" -c "SELECT 1"' \
    "$role" "$database" "$file" >"$work/said" 2>&1 || fail "the role $role may use the database $database."
  grep -q "permission denied for database \"$database\"" "$work/said" || fail "$(cat "$work/said")"
done <<'END'
dashboard keys dashboard-database-password
keys dashboard database-password
END

step 'revoked, the key is refused by every gateway'
printf '        %s\n' "$(keys revoke "$id")"
for _ in 1 2 3 4 5 6; do expect 'a key that was revoked' 401 "$(status_for "$key")"; done
[[ $(keys list --owner ada@example.com) != *"$id"* ]] || fail 'the list still has the key.'

step 'Prometheus scrapes every replica and the balancer, and evaluates every alert'
files+=("${observability[@]}")
scale 3 2
all_ready 3
await 'everything is scraped' is_scraped '1 balancer up 1 dashboard up 3 gateway up 2 keys up'
await 'every alert is evaluated' are_evaluated "$(grep -c ' alert: ' deploy/observability/alerts.yml) ok"
await 'requests of the gateways in Prometheus' \
  is_found 'http_request_duration_seconds_count{job="gateway", route="/v1/me", status="2xx"} > 0'
await 'the gateways that the balancer calls up in Prometheus' \
  is_found 'count(haproxy_server_status{proxy="gateways", state="UP"} == 1) == 3'

step 'gateways go from 3 to 5 to 2 and keys from 2 to 3 to 1, while all are used'
for n in 1 2 3 4 5 6; do
  issue "Load $n" --rate-limit 100000 --capability desktop:control --capability desktop:chat
done >"$work/load-keys"
cookie=$(awk -F '\t' 'NF == 7 { printf "%s%s=%s", sep, $6, $7; sep = "; " }' "$work/cookies")
printf '%s\n' "$gateway" "$dashboard" "$cookie" "$(cat "$work/load-keys")" >"$work/load-input"
node dist/test/deploy/compose/load.js <"$work/load-input" >"$work/load" &
loader=$!
sleep 5
scale 5 3
all_ready 5
sleep 5
expect 'gateways that have answered' 5 "$(used_gateways)"
scale 2 1
all_ready 2
await 'those that are left are scraped' is_scraped '1 balancer up 1 dashboard up 2 gateway up 1 keys up'
sleep 5
kill "$loader"
wait "$loader" || fail 'the load did not end well.'
loader=
sed 's/^/        /' "$work/load"
load=$(head -n 1 "$work/load")
[[ $load == *' 0 failed'* ]] || fail 'calls failed.'

step 'a caller who claims another address is still known by their own'
statuses=$(for n in $(seq 1 40); do
  call "Authorization: Bearer ${made%?????}aaaaa" "$gateway/v1/me" --header "X-Forwarded-For: 198.51.100.$n" \
    --output /dev/null --write-out '%{http_code}\n'
done | sort | uniq -c | awk '{ print $1 " times " $2 }' | xargs)
expect 'ten refused keys at each gateway, then nothing more' '20 times 401 20 times 429' "$statuses"

step 'what was backed up, as docs/docker.md says, comes back after everything was removed'
compose exec -T postgres pg_dump --username postgres keys >"$work/keys.sql"
compose exec -T postgres pg_dump --username postgres dashboard >"$work/dashboard.sql"
compose run --rm -T --entrypoint tar secrets --create --directory /secrets/kept . >"$work/secrets.tar"
quietly compose down --volumes
input=$work/secrets.tar quietly compose run --rm -T --entrypoint tar secrets --extract --directory /secrets/kept
quietly compose up --detach postgres
await 'postgres is healthy' is_healthy postgres
for database in keys dashboard; do
  input=$work/$database.sql quietly compose exec -T postgres psql --username postgres --set ON_ERROR_STOP=1 $database
done
scale 2 1
all_ready 2
kept_secrets | cmp --silent - "$work/kept-secrets" || fail 'the secrets are others than before.'
expect 'a key from before' 200 "$(status_for "$made")"
expect 'a key that had been revoked' 401 "$(status_for "$key")"
[[ $(page GET /api/keys) == *'Made by hand'* ]] || fail 'the dashboard does not know who was signed in.'

step 'SIGTERM ends each service within 10 seconds'
since=$(date +%s%N)
quietly compose stop --timeout 10
stopping="Stopping all of it took $((($(date +%s%N) - since) / 1000000)) ms, and each process said that nothing was wrong."
printf '        %s\n' "$stopping"
expect 'how the containers ended' 0 "$(docker ps --all --quiet --filter "label=com.docker.compose.project=$project" |
  xargs docker inspect --format '{{.State.ExitCode}}' | sort -u | xargs)"
