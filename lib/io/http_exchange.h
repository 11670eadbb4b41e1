/* One HTTP exchange from request to answer, on one curl easy handle; internal to http.c.
 * Never touches the multi handle or the loop. */
#pragma once
#include <curl/curl.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/transport.h"

#define HTTP_HEADERS_MAX 100
#define HTTP_HEADER_BYTES_MAX (64 * 1024)

/* The transport's settings, as the easy handles need them. Owned by the sr_http. */
typedef struct http_settings {
	char *ca_file, *proxy, *user_agent;
	int connect_timeout_ms;
} http_settings;

typedef struct http_exchange {
	TAILQ_ENTRY(http_exchange) link;
	CURL *easy;
	struct curl_slist *sent_headers;
	char *sent_body;
	sr_answer_fn fn;
	void *arg;
	uint64_t cookie;

	bool loopback_only; /* plain http: the peer's address must be this machine's */
	bool begun;         /* the request went out once; it must not a second time */
	size_t body_max_bytes;
	sr_arena arena; /* the answer's headers */
	sr_header headers[HTTP_HEADERS_MAX];
	size_t header_count, header_bytes;
	sr_buf body;
	sr_err err; /* set when we ourselves broke the exchange off */
	char curl_text[CURL_ERROR_SIZE];
} http_exchange;

http_exchange *http_exchange_new(const http_settings *settings, const sr_request *request, sr_err *err);
void http_exchange_free(http_exchange *x);

/* Makes the answer out of curl's verdict; it borrows from `x`. */
void http_exchange_answer(http_exchange *x, CURLcode verdict, sr_response *response);
