# A roster client in perl, with the modules that perl itself brings.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha1_base64);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64);

my ($power, $school, $client) = @ENV{qw(POWERSCHOOL SCHOOLOGY CLIENT)};
my $http = HTTP::Tiny->new(timeout => 10, max_redirect => 0);
my $json = JSON::PP->new->utf8->canonical;
my $serial = 0;

sub secret {
	open my $file, '<', "$ENV{CREDENTIALS}/$_[0]" or die "$_[0]: $!";
	local $/;
	return <$file>;
}

sub pct { my $s = shift; $s =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge; return $s }
sub unpct { my $s = shift; $s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge; return $s }

sub powerschool_students {
	my $answer = $http->post("$power/oauth/access_token", {
		content => 'grant_type=client_credentials',
		headers => { 'Content-Type' => 'application/x-www-form-urlencoded',
			Authorization => 'Basic ' . encode_base64(secret('powerschool-id') . ':' . secret('powerschool-secret'), '') } });
	die "token: $answer->{status} $answer->{content}" unless $answer->{success};
	my $token = $json->decode($answer->{content})->{access_token};
	my ($count, $after) = (0, '0');
	while (1) {
		$answer = $http->post("$power/ws/schema/query/org.sisroll.sync.roster.students?pagesize=13", {
			content => $json->encode({ after => "$after", school => '312', termlo => '3500', termhi => '3599' }),
			headers => { Authorization => "Bearer $token", Accept => 'application/json', 'Content-Type' => 'application/json' } });
		die "students: $answer->{status} $answer->{content}" unless $answer->{success};
		my $rows = $json->decode($answer->{content})->{record} || [];
		$rows = [$rows] if ref $rows eq 'HASH';
		return $count unless @$rows;
		$count += @$rows;
		$after = $rows->[-1]{dcid};
	}
}

# RFC 5849; no realm at all, which is allowed.
sub authorization {
	my ($method, $url) = @_;
	my ($base, $query) = split /\?/, $url, 2;
	my %oauth = (oauth_consumer_key => secret('schoology-key'), oauth_nonce => sprintf('perl%d-%d', $$, ++$serial),
		oauth_signature_method => 'HMAC-SHA1', oauth_timestamp => time, oauth_version => '1.0');
	my @pairs = map { pct($_) . '=' . pct($oauth{$_}) } keys %oauth;
	push @pairs, map { join '=', map { pct(unpct($_)) } split /=/, $_, 2 } split /&/, $query // '';
	my $text = join '&', $method, pct($base), pct(join '&', sort @pairs);
	my $mac = hmac_sha1_base64($text, pct(secret('schoology-secret')) . '&');
	$oauth{oauth_signature} = $mac . '=' x (-length($mac) % 4);
	return 'OAuth ' . join ', ', map { sprintf '%s="%s"', $_, pct($oauth{$_}) } sort keys %oauth;
}

sub call {
	my ($method, $path, $body) = @_;
	my $url = $path =~ /^http/ ? $path : $school . $path;
	my %options = (headers => { Authorization => authorization($method, $url), Accept => 'application/json' });
	if ($body) {
		$options{content} = $json->encode($body);
		$options{headers}{'Content-Type'} = 'application/json';
	}
	my $answer = $http->request($method, $url, \%options);
	return call('GET', $answer->{headers}{location}) if $answer->{status} == 303;
	die "$method $path: $answer->{status} $answer->{content}" if $answer->{status} >= 400;
	return length $answer->{content} ? $json->decode($answer->{content}) : undef;
}

sub schoology_users {
	my %seen;
	while (1) {
		my $page = call('GET', '/users?start=' . keys(%seen) . '&limit=4');
		$seen{ $_->{uid} } = 1 for @{ $page->{user} };
		return scalar keys %seen if keys %seen >= $page->{total};
	}
}

sub every_item_went_well {
	for my $item (@{ $_[0] }) {
		die 'item: ' . $json->encode($item) unless $item->{response_code} =~ /^20[01]$/;
	}
}

my $students = powerschool_students();
my $me = call('GET', '/users/me');
my %roles = map { $_->{title} => $_->{id} } @{ call('GET', '/roles')->{role} };
my @people = map { { school_uid => "$client-$_->[0]", name_first => 'Siân', name_last => 'Løvås', username => "$client.$_->[0]",
	role_id => $roles{ $_->[1] } } } (['t', 'Teacher'], ['s', 'Student']);
every_item_went_well(call('POST', '/users?update_existing=1', { users => { user => \@people } })->{user});
my $period = call('POST', '/gradingperiods', { title => $client, start => '2026-01-05', end => '2026-06-05' });
my $course = call('POST', '/courses', { title => 'Perl', course_code => $client, building_id => $me->{building_id} });
my $answer = call('POST', "/courses/$course->{id}/sections?update_existing=1", { sections => { section => [
	{ title => 'One', section_school_code => $client, grading_periods => [$period->{id} + 0] } ] } });
every_item_went_well($answer->{section});
my $section = $answer->{section}[0]{id};
my %uid = map { my $user = call('GET', "/users/ext/$client-$_"); ($_ => $user->{uid}) } qw(t s);
$answer = call('POST', "/sections/$section/enrollments", { enrollments => { enrollment => [
	{ uid => $uid{t}, admin => 1, status => 1 }, { uid => $uid{s}, admin => 0, status => 1 } ] } });
every_item_went_well($answer->{enrollments}{enrollment});
my $members = call('GET', "/sections/$section/enrollments?enrollment_status=1")->{enrollment};
printf "students=%d users=%d members=%d", $students, schoology_users(), scalar @$members;
