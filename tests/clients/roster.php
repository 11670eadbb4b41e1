<?php
// A roster client as a PHP programmer writes it: curl handles, the signature by hash_hmac.
declare(strict_types=1);

$power = getenv('POWERSCHOOL');
$school = getenv('SCHOOLOGY');
$client = getenv('CLIENT');

function secret(string $name): string
{
	return file_get_contents(getenv('CREDENTIALS') . '/' . $name);
}

/** @return array{int, string, string} status, body, Location */
function request(string $method, string $url, array $headers, ?string $body): array
{
	$location = '';
	$curl = curl_init($url);
	curl_setopt_array($curl, [
		CURLOPT_CUSTOMREQUEST => $method,
		CURLOPT_RETURNTRANSFER => true,
		CURLOPT_TIMEOUT => 10,
		CURLOPT_HTTPHEADER => $headers,
		CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$location): int {
			if (stripos($line, 'Location:') === 0) {
				$location = trim(substr($line, 9));
			}
			return strlen($line);
		},
	]);
	if ($body !== null) {
		curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
	}
	$answer = curl_exec($curl);
	if ($answer === false) {
		exit("$method $url: " . curl_error($curl));
	}
	return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $answer, $location];
}

function powerschool_students(string $power): int
{
	$basic = base64_encode(secret('powerschool-id') . ':' . secret('powerschool-secret'));
	[$status, $body] = request('POST', "$power/oauth/access_token/", ["Authorization: Basic $basic",
		'Content-Type: application/x-www-form-urlencoded;charset=UTF-8'], 'grant_type=client_credentials');
	if ($status !== 200) {
		exit("token: $status $body");
	}
	$token = json_decode($body)->access_token;
	$count = 0;
	$after = '0';
	do {
		[$status, $body] = request('POST', "$power/ws/schema/query/org.sisroll.sync.roster.students?pagesize=10",
			["Authorization: Bearer $token", 'Accept: application/json', 'Content-Type: application/json'],
			json_encode(['after' => $after, 'school' => '312', 'termlo' => '3500', 'termhi' => '3599']));
		if ($status !== 200) {
			exit("students: $status $body");
		}
		$rows = json_decode($body)->record ?? [];
		$rows = is_array($rows) ? $rows : [$rows];
		$count += count($rows);
		$after = $rows ? (string)end($rows)->dcid : $after;
	} while ($rows);
	return $count;
}

/** Signs by RFC 5849: the JSON body is no part of it, the query is. */
function authorization(string $method, string $url): string
{
	$oauth = ['oauth_consumer_key' => secret('schoology-key'), 'oauth_nonce' => bin2hex(random_bytes(12)),
		'oauth_signature_method' => 'HMAC-SHA1', 'oauth_timestamp' => (string)time(), 'oauth_token' => '',
		'oauth_version' => '1.0'];
	$parts = explode('?', $url, 2);
	$pairs = [];
	foreach ($oauth as $name => $value) {
		$pairs[] = rawurlencode($name) . '=' . rawurlencode($value);
	}
	foreach (isset($parts[1]) ? explode('&', $parts[1]) : [] as $pair) {
		[$name, $value] = explode('=', $pair, 2);
		$pairs[] = rawurlencode(rawurldecode($name)) . '=' . rawurlencode(rawurldecode($value));
	}
	sort($pairs, SORT_STRING);
	$base = $method . '&' . rawurlencode($parts[0]) . '&' . rawurlencode(implode('&', $pairs));
	$oauth['oauth_signature'] = base64_encode(hash_hmac('sha1', $base, rawurlencode(secret('schoology-secret')) . '&', true));
	$header = 'Authorization: OAuth realm="Schoology%20API"';
	foreach ($oauth as $name => $value) {
		$header .= ',' . $name . '="' . rawurlencode($value) . '"';
	}
	return $header;
}

function call(string $method, string $path, ?array $body = null)
{
	global $school;
	$url = strpos($path, 'http') === 0 ? $path : $school . $path;
	$headers = [authorization($method, $url), 'Accept: application/json', 'Content-Type: application/json'];
	[$status, $answer, $location] = request($method, $url, $headers, $body === null ? null : json_encode($body));
	if ($status === 303) {
		return call('GET', $location);
	}
	if ($status >= 400) {
		exit("$method $path: $status $answer");
	}
	return json_decode($answer);
}

function schoology_users(): int
{
	$seen = [];
	do {
		$page = call('GET', '/users?start=' . count($seen) . '&limit=3');
		foreach ($page->user as $user) {
			$seen[$user->uid] = true;
		}
	} while (isset($page->links->next));
	return count($seen);
}

function every_item_went_well(array $items): void
{
	foreach ($items as $item) {
		if (!in_array((int)$item->response_code, [200, 201], true)) {
			exit('item: ' . json_encode($item));
		}
	}
}

$students = powerschool_students($power);
$me = call('GET', '/users/me');
$roles = [];
foreach (call('GET', '/roles')->role as $role) {
	$roles[$role->title] = $role->id;
}
$people = [];
foreach (['t' => 'Teacher', 's' => 'Student'] as $kind => $role) {
	$people[] = ['school_uid' => "$client-$kind", 'name_first' => 'José', 'name_last' => 'Núñez', 'role_id' => $roles[$role],
		'username' => "$client.$kind"];
}
every_item_went_well(call('POST', '/users?update_existing=1', ['users' => ['user' => $people]])->user);
$period = call('POST', '/gradingperiods', ['title' => $client, 'start' => '2026-01-05', 'end' => '2026-06-05']);
$section = ['title' => 'One', 'section_school_code' => $client, 'grading_periods' => [(int)$period->id]];
every_item_went_well(call('POST', '/courses?update_existing=1', ['courses' => ['course' => [['title' => 'PHP',
	'course_code' => $client, 'building_id' => $me->building_id, 'sections' => ['section' => [$section]]]]]])->course);
$rows = [['section_school_code' => $client, 'school_uid' => "$client-t", 'admin' => '1'],
	['section_school_code' => $client, 'school_uid' => "$client-s", 'admin' => '0']];
$answer = call('POST', '/enrollments/import/course', ['enrollments' => ['enrollment' => $rows]]);
every_item_went_well($answer->enrollments->enrollment);
$made = call('GET', "/sections?section_school_codes=$client")->section[0];
$members = call('GET', "/sections/{$made->id}/enrollments?enrollment_status=1")->enrollment;
printf("students=%d users=%d members=%d", $students, schoology_users(), count($members));
