/* Judged by status, two headers and the first bytes of the body, nothing else. */
#include "remote/answer.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "codec/body.h"

#define RETRY_AFTER_MAX_S 3600

int sr_answer_retry_after_s(const sr_response *r)
{
	const char *text = sr_response_header(r, "Retry-After");
	int64_t s;

	if (!text || !sr_parse_i64(text, &s) || s < 0)
		return 0;
	return s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)s;
}

bool sr_answer_is_html(const sr_response *r)
{
	const char *type = sr_response_header(r, "Content-Type");

	if (type && strncasecmp(type, "text/html", strlen("text/html")) == 0)
		return true;
	return sr_body_is_html(r->body, r->body_bytes);
}

bool sr_answer_is_2xx(const sr_response *r)
{
	return r->status >= 200 && r->status < 300;
}

static int throttled(const sr_response *r, const char *system, sr_err *err)
{
	int after = sr_answer_retry_after_s(r);

	sr_fail(err, SR_E_THROTTLED, "%s asks us to slow down (%d)", system, r->status);
	if (err)
		err->retry_after_s = after;
	return -1;
}

int sr_answer_check(const sr_response *r, const char *system, sr_err *err)
{
	if (r->status == 0) {
		if (err)
			*err = r->err;
		return sr_err_prefix(err, system);
	}
	if (r->status == 429 || (r->status == 503 && sr_response_header(r, "Retry-After")))
		return throttled(r, system, err);
	if (r->status >= 500)
		return sr_fail(err, SR_E_REMOTE, "%s is down or in trouble: it answered %d", system, r->status);
	if (sr_answer_is_2xx(r) && r->body_bytes && sr_answer_is_html(r))
		return sr_fail(err, SR_E_REMOTE,
			"%s answered with a web page instead of data: it may be down or starting", system);
	return 0;
}
