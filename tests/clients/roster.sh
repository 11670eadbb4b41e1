#!/usr/bin/env bash
# A roster client by hand: curl for the requests, openssl for the signatures, jq to look.
set -euo pipefail

: "${POWERSCHOOL?}" "${SCHOOLOGY?}" "${CLIENT?}" "${CREDENTIALS?}"

secret() {
	cat "$CREDENTIALS/$1"
}

pct() {
	jq -rn --arg s "$1" '$s | @uri'
}

token=$(curl -sf -u "$(secret powerschool-id):$(secret powerschool-secret)" -d grant_type=client_credentials \
	"$POWERSCHOOL/oauth/access_token" | jq -er .access_token)
students=0
after=0
while :; do
	page=$(curl -sf -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -H 'Accept: application/json' \
		-d "{\"after\":\"$after\",\"school\":\"312\",\"termlo\":\"3500\",\"termhi\":\"3599\"}" \
		"$POWERSCHOOL/ws/schema/query/org.sisroll.sync.roster.students?pagesize=11")
	count=$(jq '[.record // empty | if type == "array" then .[] else . end] | length' <<<"$page")
	[ "$count" -gt 0 ] || break
	students=$((students + count))
	after=$(jq -r '[.record | if type == "array" then .[] else . end] | last | .dcid' <<<"$page")
done

# The signature base string of RFC 5849, put together word by word; parameters here need no escaping of their own.
authorization() { # METHOD URL
	local oauth query base signature

	oauth=oauth_consumer_key=$(secret schoology-key)
	oauth+=$'\n'oauth_nonce=$(openssl rand -hex 12)
	oauth+=$'\n'oauth_signature_method=HMAC-SHA1$'\n'oauth_timestamp=$(date +%s)$'\n'oauth_token=$'\n'oauth_version=1.0
	query=
	[[ $2 != *\?* ]] || query=$(tr '&' '\n' <<<"${2#*\?}")
	base=$1\&$(pct "${2%%\?*}")\&$(pct "$(printf '%s\n' "$oauth" "$query" | grep . | LC_ALL=C sort | paste -sd'&')")
	signature=$(printf %s "$base" | openssl dgst -sha1 -hmac "$(secret schoology-secret)&" -binary | openssl base64)
	printf 'Authorization: OAuth realm="Schoology API",%s,oauth_signature="%s"' \
		"$(printf '%s\n' "$oauth" | sed 's/=\(.*\)/="\1"/' | paste -sd,)" "$(pct "$signature")"
}

call() { # METHOD PATH [BODY]
	local url=$2 answer
	[[ $url == http* ]] || url=$SCHOOLOGY$url
	answer=$(curl -s -X "$1" -H "$(authorization "$1" "$url")" -H 'Accept: application/json' \
		${3:+-H 'Content-Type: application/json' -d "$3"} -w '\n%{http_code} %{redirect_url}' "$url")
	case ${answer##*$'\n'} in
	303*)
		call GET "${answer##* }"
		;;
	2*)
		printf '%s\n' "${answer%$'\n'*}"
		;;
	*)
		echo "$1 $2: $answer" >&2
		return 1
		;;
	esac
}

every_item_went_well() { # PATH WANT, the answer on standard input
	jq -e "($1) as \$items | (\$items | length) == $2 and all(\$items[]; .response_code | tostring | test(\"^20[01]\$\"))" >/dev/null ||
		{
			echo "an item failed" >&2
			exit 1
		}
}

building=$(call GET /users/me | jq -r .building_id)
roles=$(call GET /roles)
role() {
	jq -r --arg title "$1" '.role[] | select(.title == $title) | .id' <<<"$roles"
}
person() { # KIND ROLE
	printf '{"school_uid":"%s-%s","name_first":"Chloé","name_last":"D'"'"'Souza","username":"%s.%s","role_id":"%s"}' \
		"$CLIENT" "$1" "$CLIENT" "$1" "$(role "$2")"
}
call POST '/users?update_existing=1' "{\"users\":{\"user\":[$(person t Teacher),$(person s Student)]}}" |
	every_item_went_well .user 2
period=$(call POST /gradingperiods "{\"title\":\"$CLIENT\",\"start\":\"2026-01-05\",\"end\":\"2026-06-05\"}" | jq -r .id)
course=$(call POST /courses "{\"title\":\"Curl\",\"course_code\":\"$CLIENT\",\"building_id\":\"$building\"}" | jq -r .id)
section=$(call POST "/courses/$course/sections" \
	"{\"title\":\"One\",\"section_school_code\":\"$CLIENT\",\"grading_periods\":[$period]}" | jq -r .id)
row() {
	printf '{"section_school_code":"%s","school_uid":"%s-%s","admin":"%s"}' "$CLIENT" "$CLIENT" "$1" "$2"
}
call POST /enrollments/import/course "{\"enrollments\":{\"enrollment\":[$(row t 1),$(row s 0)]}}" |
	every_item_went_well .enrollments.enrollment 2
members=$(call GET "/sections/$section/enrollments?enrollment_status=1" | jq '.enrollment | length')
users=$(call GET '/users?limit=200&start=0' | jq '.user | length')
echo "students=$students users=$users members=$members"
