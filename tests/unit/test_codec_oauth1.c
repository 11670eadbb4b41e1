/* Signatures against published examples, and against what servers stumble over. */
#include "codec_fixture.h"

#include "codec/oauth1.h"

static const sr_oauth1 someone = {
	.key = "ck1", .secret = "s3cret", .timestamp_s = 1791000000, .nonce = { 0x9f, 0x2c, 0x41 }
};

#define NONCE "9f2c4100000000000000000000000000"

static void base_string_follows_the_rfc(void **state)
{
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	assert_int_equal(
		sr_oauth1_base_string(&someone, "GET",
			"HTTP://Example.ORG:80/v1/users?school_uids=a%2Cb&b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q",
			&out, NULL),
		0);
	assert_string_equal(out.p, "GET&http%3A%2F%2Fexample.org%2Fv1%2Fusers&"
				   "a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26"
				   "oauth_consumer_key%3Dck1%26oauth_nonce%3D" NONCE
				   "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1791000000%26oauth_token%"
				   "3D%26oauth_version%3D1.0%26"
				   "school_uids%3Da%252Cb");
}

static void names_are_sorted_before_values(void **state)
{
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	assert_int_equal(sr_oauth1_base_string(&someone, "GET", "https://h:8443/p?ab=1&a=2&a-=3", &out, NULL), 0);
	assert_true(sr_starts(out.p, "GET&https%3A%2F%2Fh%3A8443%2Fp&a%3D2%26a-%3D3%26ab%3D1%26oauth"));
}

/* The signature was made once with another implementation: openssl dgst -sha1 -hmac 's3cret&'. */
static void header_has_realm_first_and_signature_last(void **state)
{
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	assert_int_equal(sr_oauth1_header(&someone, "GET", "https://api.schoology.com/v1/users/me", &out, NULL), 0);
	assert_string_equal(out.p, "OAuth realm=\"Schoology API\",oauth_consumer_key=\"ck1\",oauth_nonce=\"" NONCE
				   "\",oauth_signature_method=\"HMAC-SHA1\",oauth_timestamp=\"1791000000\",oauth_token="
				   "\"\",oauth_version=\"1.0\","
				   "oauth_signature=\"sZF6mnuaH23xusyWNPHMHcn8Uv0%3D\"");
}

static void plaintext_is_the_secret_encoded_twice(void **state)
{
	SR_AUTO(sr_buf) out = { 0 };
	sr_oauth1 plain = someone;

	(void)state;
	plain.method = SR_OAUTH1_PLAINTEXT;
	assert_int_equal(sr_oauth1_header(&plain, "GET", "https://h/", &out, NULL), 0);
	assert_true(sr_ends(out.p, "oauth_signature=\"s3cret%26\""));
	sr_buf_clear(&out);
	plain.secret = "a b&";
	assert_int_equal(sr_oauth1_header(&plain, "GET", "https://h/", &out, NULL), 0);
	assert_true(sr_ends(out.p, "oauth_signature=\"a%2520b%2526%26\""));
}

static void refuses_other_schemes(void **state)
{
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	assert_int_equal(sr_oauth1_header(&someone, "GET", "ftp://h/", &out, NULL), -1);
	assert_int_equal(out.len, 0);
}

static void basic_is_base64(void **state)
{
	SR_AUTO(sr_buf) out = { 0 };

	(void)state;
	assert_int_equal(sr_basic_header("Aladdin", "open sesame", &out, NULL), 0);
	assert_string_equal(out.p, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_string_follows_the_rfc),
		cmocka_unit_test(names_are_sorted_before_values),
		cmocka_unit_test(header_has_realm_first_and_signature_last),
		cmocka_unit_test(plaintext_is_the_secret_encoded_twice),
		cmocka_unit_test(refuses_other_schemes),
		cmocka_unit_test(basic_is_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
