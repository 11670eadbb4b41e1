#!/bin/sh
# The binary over real sockets: smoke.sh SISROLL-SIM PLUGIN-FOLDER. Needs curl; says what failed.
set -eu
sim=$1
plugin=$2
dir=$(mktemp -d)
pid=
cleanup() {
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null || true
	fi
	rm -rf "$dir"
}
trap cleanup EXIT
fail() {
	echo "smoke: $*" >&2
	exit 1
}
expect() { # WHAT WANTED GOT
	[ "$2" = "$3" ] || fail "$1: wanted $2, got $3"
}

"$sim" --help >"$dir/help"
grep -q 'sisroll-sim serve' "$dir/help" || fail "no help"
# Every command explains itself, and no sandbox is needed for that.
sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' "$dir/help" | sort -u >"$dir/commands"
while read -r command; do
	SISROLL_SIM=$dir/none.sock "$sim" "$command" --help >"$dir/one" || fail "$command --help without a sandbox"
	grep -q "$command" "$dir/one" || fail "$command --help says nothing"
done <"$dir/commands"
rc=0
"$sim" serve --powerschool 0.0.0.0:0 --schoology 127.0.0.1:0 --control "$dir/x.sock" 2>"$dir/err" || rc=$?
expect "an address that is not loopback" 1 $rc
grep -q loopback "$dir/err" || fail "the refusal says nothing of loopback"
rc=0
"$sim" status --control "$dir/none.sock" 2>/dev/null || rc=$?
expect "nobody listens" 3 $rc

SISROLL_SIM=$dir/sim.sock
export SISROLL_SIM
"$sim" serve --powerschool 127.0.0.1:0 --schoology 127.0.0.1:0 --district small --seed 3 --plugin "$plugin" \
	--credentials "$dir/credentials" --date 2026-03-02 --rate-credits 6 --rate-window-ms 60000 --limiter sliding >"$dir/out" &
pid=$!
tries=0
until grep -q '^ready ' "$dir/out"; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || fail "never ready"
	sleep 0.05
done
ps=$(sed -n 's/^ready powerschool=\([^ ]*\) .*/\1/p' "$dir/out")
sgy=$(sed -n 's/^ready .*schoology=\([^ ]*\) .*/\1/p' "$dir/out")

for secret in powerschool-id powerschool-secret schoology-key schoology-secret; do
	expect "mode of $secret" 600 "$(stat -c %a "$dir/credentials/$secret")"
done
secret() {
	cat "$dir/credentials/$1"
}

token=$(curl -s -u "$(secret powerschool-id):$(secret powerschool-secret)" -d grant_type=client_credentials \
	"$ps/oauth/access_token" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
query() {
	curl -s -o "$dir/body" -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
		-d "$2" "$ps/ws/schema/query/org.sisroll.sync.roster.$1?pagesize=0"
}
expect "the terms query" 200 "$(query terms '{"after":"0","yearlo":"35"}')"
grep -q '"name":"Semester 2"' "$dir/body" || fail "no Semester 2 among the terms"
"$sim" mutate plugin-disable
expect "a disabled plugin" 404 "$(query terms '{"after":"0","yearlo":"35"}')"
"$sim" mutate plugin-enable

n=0
schoology() { # METHOD PATH [CURL-OPTION...]
	method=$1
	path=$2
	shift 2
	n=$((n + 1))
	curl -s -o "$dir/body" -w '%{http_code}' -X "$method" "$@" -H "Authorization: OAuth realm=\"Schoology API\",oauth_consumer_key=\"$(secret schoology-key)\",oauth_token=\"\",oauth_nonce=\"smoke$n\",oauth_timestamp=\"$(date +%s)\",oauth_signature_method=\"PLAINTEXT\",oauth_version=\"1.0\",oauth_signature=\"$(secret schoology-secret)%26\"" "$sgy$path"
}
expect "users/me" 303 "$(schoology GET /users/me)"
curl -s -o /dev/null -D "$dir/headers" -X PATCH "$sgy/users/1" # no method is a matter of the HTTP library
grep -q '^X-Schoology: API' "$dir/headers" || fail "PATCH does not reach Schoology"
"$sim" fault add reset --service sgy
rc=0
schoology GET /roles >/dev/null || rc=$?
[ $rc -ne 0 ] || fail "a reset connection was answered"
"$sim" fault add cut --service sgy
rc=0
schoology GET /roles >/dev/null || rc=$?
expect "half an answer" 18 $rc
expect "a period" 201 "$(schoology POST /gradingperiods -H 'Content-Type: application/json' -d '{"title":"P1","start":"2026-01-01","end":"2026-06-01"}')"
expect "over budget" 429 "$(schoology POST /gradingperiods -H 'Content-Type: application/json' -d '{"title":"P2","start":"2026-01-01","end":"2026-06-01"}')"
"$sim" writes | grep -q '^writes	1	1	' || fail "not one write"
"$sim" requests --json | grep -q '"summary"' || fail "no request log"

"$sim" snapshot spring
"$sim" date 2026-07-20
"$sim" eoy >"$dir/eoy"
grep -q 'end of year: 2026-2027' "$dir/eoy" || fail "no end of year"
rc=0
"$sim" verify --year 2026-2027 --schools 312 --snapshot spring >"$dir/verify" 2>&1 || rc=$?
expect "verify of an empty Schoology" 1 $rc
grep -q 'user-missing' "$dir/verify" || fail "verify misses nobody"

if command -v zip >/dev/null && command -v unzip >/dev/null; then
	(cd "$plugin" && zip -q -r "$dir/plugin.zip" plugin.xml queries_root)
	"$sim" plugin "$dir/plugin.zip"
fi
# Whoever reads the files has the credentials that count.
before=$(cat "$dir/credentials/powerschool-secret")
"$sim" plugin regenerate sisroll >"$dir/new"
expect "the new id" "$(sed -n 1p "$dir/new")" "$(cat "$dir/credentials/powerschool-id")"
expect "the new secret" "$(sed -n 2p "$dir/new")" "$(cat "$dir/credentials/powerschool-secret")"
[ "$before" != "$(cat "$dir/credentials/powerschool-secret")" ] || fail "the old secret still stands in its file"

"$sim" quit
wait "$pid" || fail "did not end cleanly"
pid=

# Clients that insist on https and on the real host: behind a proxy, or by the sandbox itself.
rc=0
"$sim" serve --powerschool 127.0.0.1:0 --schoology 127.0.0.1:0 --public-base api.schoology.com 2>"$dir/err" || rc=$?
expect "a public base that is no URL" 2 $rc
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
rc=0
"$sim" serve --powerschool 127.0.0.1:0 --schoology 127.0.0.1:0 --tls-cert "$dir/cert.pem" 2>"$dir/err" || rc=$?
expect "a certificate without its key" 2 $rc
: >"$dir/out" # what the one before said is not waited for
"$sim" serve --powerschool 127.0.0.1:0 --schoology 127.0.0.1:0 --district tiny --plugin "$plugin" --credentials "$dir/credentials" \
	--public-base https://api.schoology.com/v1 --tls-cert "$dir/cert.pem" --tls-key "$dir/key.pem" >"$dir/out" &
pid=$!
tries=0
until grep -q '^ready ' "$dir/out"; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || fail "never ready with TLS"
	sleep 0.05
done
ps=$(sed -n 's/^ready powerschool=\(https:[^ ]*\) .*/\1/p' "$dir/out")
sgy=$(sed -n 's/^ready .*schoology=\(https:[^ ]*\) .*/\1/p' "$dir/out")
expect "metadata by https" 200 "$(curl -s --cacert "$dir/cert.pem" -o "$dir/body" -w '%{http_code}' "$ps/ws/v1/metadata")"
expect "users/me by https" 303 "$(schoology GET /users/me --cacert "$dir/cert.pem" -D "$dir/headers")"
grep -q '^Location: https://api.schoology.com/v1/users/' "$dir/headers" || fail "the public base is not where users/me leads"
"$sim" fault add reset --service sgy
rc=0
schoology GET /roles --cacert "$dir/cert.pem" >/dev/null || rc=$?
[ $rc -ne 0 ] || fail "a reset connection was answered by https"
expect "plain http to a TLS port" 000 "$(curl -s -o /dev/null -w '%{http_code}' "http${ps#https}/ws/v1/metadata" || true)"
"$sim" quit
wait "$pid" || fail "did not end cleanly with TLS"
pid=
[ ! -e "$SISROLL_SIM" ] || fail "the control socket is left behind"
echo "smoke: ok"
