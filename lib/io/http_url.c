/* Which addresses may be asked. curl's own parser takes the URL apart, so that what we judge
 * is what curl will use. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

#include "base/str.h"
#include "io/http.h"

static bool host_is_loopback(const char *host)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return sr_strcaseeq(host, "localhost") || sr_streq(host, "[::1]");
}

static int judge(const char *scheme, const char *host, sr_err *err)
{
	if (sr_streq(scheme, "https"))
		return 0;
	if (!sr_streq(scheme, "http"))
		return sr_fail(err, SR_E_INVALID, "the address must begin with https://");
	if (!host_is_loopback(host))
		return sr_fail(err, SR_E_INVALID,
			"http:// is accepted for this machine alone (127.0.0.1, ::1, localhost); use https://");
	return 0;
}

int sr_http_check_url(const char *url, sr_err *err)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL;
	int rc;

	if (!parts)
		return sr_fail_nomem(err);
	if (curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
		curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		rc = sr_fail(err, SR_E_INVALID, "not a usable web address");
	else
		rc = judge(scheme, host, err);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return rc;
}
