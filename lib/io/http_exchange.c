/* The options of an easy handle and the callbacks that fill the answer. Whatever the peer sends
 * is bounded here: header lines, header bytes, and the body as it is after decompression. */
#include "io/http_exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/http.h"

#define TIMEOUT_DEFAULT_MS 30000

/* ---- what curl calls while the exchange runs ---- */

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
	http_exchange *x = arg;

	(void)one;
	if (len > x->body_max_bytes - x->body.len) {
		sr_fail(&x->err, SR_E_LIMIT, "the answer is larger than %zu bytes", x->body_max_bytes);
		return 0;
	}
	sr_buf_add(&x->body, bytes, len);
	if (x->body.failed) {
		sr_fail_nomem(&x->err);
		return 0;
	}
	return len;
}

static void forget_headers(http_exchange *x)
{
	x->header_count = x->header_bytes = 0;
	sr_arena_clear(&x->arena);
}

static int keep_header(http_exchange *x, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	char *name, *value;

	if (!colon)
		return 0;
	name = sr_arena_strndup(&x->arena, line, (size_t)(colon - line));
	value = sr_arena_strndup(&x->arena, colon + 1, len - (size_t)(colon + 1 - line));
	if (!name || !value)
		return sr_fail_nomem(&x->err);
	x->headers[x->header_count++] = (sr_header){ sr_trim(name), sr_trim(value) };
	return 0;
}

static size_t on_header(char *line, size_t one, size_t len, void *arg)
{
	http_exchange *x = arg;

	(void)one;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		forget_headers(x); /* an interim answer (1xx) or a proxy's came before */
		return len;
	}
	x->header_bytes += len;
	if (x->header_count == HTTP_HEADERS_MAX || x->header_bytes > HTTP_HEADER_BYTES_MAX) {
		sr_fail(&x->err, SR_E_LIMIT, "the answer has too many header lines");
		return 0;
	}
	return keep_header(x, line, len) == 0 ? len : 0;
}

/* curl repeats a request by itself when a kept-alive connection closes before the first byte of an
 * answer. For us that is a lost answer like any other: the request may have been carried out. */
static int on_about_to_send(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	http_exchange *x = arg;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	if (x->begun) {
		sr_fail(&x->err, SR_E_NET, "the connection was closed before an answer came");
		return CURL_PREREQFUNC_ABORT;
	}
	x->begun = true;
	return CURL_PREREQFUNC_OK;
}

static bool address_is_loopback(const struct curl_sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)&address->addr;
	const struct sockaddr_in6 *v6 = (const void *)&address->addr;

	if (address->family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return address->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* The second half of the loopback rule: "localhost" counts only if it leads here. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	http_exchange *x = arg;

	(void)purpose;
	if (x->loopback_only && !address_is_loopback(address)) {
		sr_fail(&x->err, SR_E_INVALID, "localhost does not lead to this machine; http:// is not used");
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- setting up ---- */

static int header_ok(const sr_header *h)
{
	return *h->name && !h->name[strcspn(h->name, "\r\n: ")] && !h->value[strcspn(h->value, "\r\n")];
}

static int add_line(http_exchange *x, const char *line, sr_err *err)
{
	struct curl_slist *longer = line ? curl_slist_append(x->sent_headers, line) : NULL;

	if (!longer)
		return sr_fail_nomem(err);
	x->sent_headers = longer;
	return 0;
}

/* curl reads "Name:" as "leave this header out"; an empty value is written "Name;". */
static int add_headers(http_exchange *x, const sr_request *request, sr_err *err)
{
	bool typed = false;

	for (size_t i = 0; i < request->header_count; i++) {
		const sr_header *h = &request->headers[i];
		SR_AUTO_FREE char *line = NULL;

		if (!header_ok(h))
			return sr_fail(err, SR_E_INVALID, "a request header holds a line break or has no name");
		line = *h->value ? sr_asprintf("%s: %s", h->name, h->value) : sr_asprintf("%s;", h->name);
		if (add_line(x, line, err) < 0)
			return -1;
		typed = typed || strcasecmp(h->name, "Content-Type") == 0;
	}
	if (add_line(x, "Expect:", err) < 0)
		return -1;
	return typed ? 0 : add_line(x, "Content-Type:", err);
}

static int copy_body(http_exchange *x, const sr_request *request, sr_err *err)
{
	if (!request->body)
		return 0;
	x->sent_body = malloc(request->body_bytes + 1);
	if (!x->sent_body)
		return sr_fail_nomem(err);
	memcpy(x->sent_body, request->body, request->body_bytes);
	return 0;
}

/* A body, or a method that servers expect one with, goes by the POST machinery of curl under the
 * method's own name; it then says Content-Length: 0 where there is none. */
static CURLcode set_method(http_exchange *x, const sr_request *request)
{
	bool with_body = request->body || sr_streq(request->method, "POST") || sr_streq(request->method, "PUT");
	CURLcode rc = CURLE_OK;

	if (with_body) {
		rc |= curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
		rc |= curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, x->sent_body ? x->sent_body : "");
		rc |= curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
	}
	if (!sr_streq(request->method, with_body ? "POST" : "GET"))
		rc |= curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, request->method);
	return rc;
}

static CURLcode set_callbacks(http_exchange *x)
{
	CURLcode rc = CURLE_OK;

	rc |= curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
	rc |= curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_body);
	rc |= curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	rc |= curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_header);
	rc |= curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	rc |= curl_easy_setopt(x->easy, CURLOPT_PREREQFUNCTION, on_about_to_send);
	rc |= curl_easy_setopt(x->easy, CURLOPT_PREREQDATA, x);
	rc |= curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	rc |= curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x);
	rc |= curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->curl_text);
	return rc;
}

/* Proxy "" keeps curl from asking the environment; loopback never goes through one. */
static CURLcode set_ways(http_exchange *x, const http_settings *s)
{
	CURLcode rc = CURLE_OK;

	rc |= curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, x->loopback_only ? "http" : "https");
	rc |= curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 0L);
	rc |= curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	rc |= curl_easy_setopt(x->easy, CURLOPT_PROXY, s->proxy ? s->proxy : "");
	rc |= curl_easy_setopt(x->easy, CURLOPT_NOPROXY, s->proxy ? "localhost,127.0.0.1,::1" : "*");
	if (x->loopback_only)
		rc |= curl_easy_setopt(x->easy, CURLOPT_NOPROXY, "*");
	rc |= curl_easy_setopt(x->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	rc |= curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	rc |= curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (s->ca_file)
		rc |= curl_easy_setopt(x->easy, CURLOPT_CAINFO, s->ca_file);
	return rc;
}

static CURLcode set_limits(http_exchange *x, const http_settings *s, const sr_request *request)
{
	long timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : TIMEOUT_DEFAULT_MS;
	CURLcode rc = CURLE_OK;

	rc |= curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
	rc |= curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	rc |= curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_timeout_ms);
	rc |= curl_easy_setopt(x->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	rc |= curl_easy_setopt(x->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	rc |= curl_easy_setopt(x->easy, CURLOPT_USERAGENT, s->user_agent);
	rc |= curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->sent_headers);
	return rc;
}

static int set_up(http_exchange *x, const http_settings *s, const sr_request *request, sr_err *err)
{
	CURLcode rc;

	x->easy = curl_easy_init();
	if (!x->easy)
		return sr_fail_nomem(err);
	if (add_headers(x, request, err) < 0 || copy_body(x, request, err) < 0)
		return -1;
	rc = curl_easy_setopt(x->easy, CURLOPT_URL, request->url);
	rc |= set_method(x, request);
	rc |= set_callbacks(x);
	rc |= set_ways(x, s);
	rc |= set_limits(x, s, request);
	return rc == CURLE_OK ? 0 : sr_fail(err, SR_E_IO, "libcurl refused an option");
}

http_exchange *http_exchange_new(const http_settings *settings, const sr_request *request, sr_err *err)
{
	http_exchange *x;

	if (sr_http_check_url(request->url, err) < 0)
		return NULL;
	x = calloc(1, sizeof(*x));
	if (!x) {
		sr_fail_nomem(err);
		return NULL;
	}
	x->body_max_bytes = request->body_max_bytes;
	x->loopback_only = strncasecmp(request->url, "https:", 6) != 0;
	if (set_up(x, settings, request, err) < 0)
		http_exchange_free(SR_TAKE(x));
	return x;
}

void http_exchange_free(http_exchange *x)
{
	if (!x)
		return;
	if (x->easy)
		curl_easy_cleanup(x->easy);
	curl_slist_free_all(x->sent_headers);
	free(x->sent_body);
	sr_arena_done(&x->arena);
	sr_buf_done(&x->body);
	free(x);
}

/* ---- the answer ---- */

static const struct {
	CURLcode verdict;
	sr_errc code;
} verdicts[] = {
	/* clang-format off */
	{ CURLE_OPERATION_TIMEDOUT,       SR_E_TIMEOUT },
	{ CURLE_OUT_OF_MEMORY,            SR_E_NOMEM },
	{ CURLE_BAD_CONTENT_ENCODING,     SR_E_PROTO },
	{ CURLE_WEIRD_SERVER_REPLY,       SR_E_PROTO },
	{ CURLE_UNSUPPORTED_PROTOCOL,     SR_E_PROTO },
	{ CURLE_PEER_FAILED_VERIFICATION, SR_E_NET },
	{ CURLE_SSL_CACERT_BADFILE,       SR_E_IO },
	/* clang-format on */
};

static void explain(http_exchange *x, CURLcode verdict, sr_err *err)
{
	sr_errc code = SR_E_NET;

	if (x->err.code != SR_E_OK) { /* our own reason says more than curl's "aborted by callback" */
		*err = x->err;
		return;
	}
	for (size_t i = 0; i < SR_COUNT_OF(verdicts); i++)
		if (verdicts[i].verdict == verdict)
			code = verdicts[i].code;
	sr_fail(err, code, "%s", x->curl_text[0] ? x->curl_text : curl_easy_strerror(verdict));
}

void http_exchange_answer(http_exchange *x, CURLcode verdict, sr_response *response)
{
	long status = 0, sent_bytes = 0;

	*response = (sr_response){ .body = "" };
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
	if (verdict != CURLE_OK || status == 0) {
		response->never_sent = !x->begun && sent_bytes == 0;
		explain(x, verdict, &response->err);
		return;
	}
	response->status = (int)status;
	response->headers = x->headers;
	response->header_count = x->header_count;
	response->body = sr_buf_text(&x->body);
	response->body_bytes = x->body.len;
}
