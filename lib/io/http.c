/* curl multi on libevent, by its two callbacks: "watch this socket" and "wake me in n ms". Everything
 * that happens afterwards ends in `deliver`, which hands finished exchanges to their owners, always from the loop. */
#include "io/http.h"

#include <event2/event.h>
#include <event2/event_struct.h>

#include "io/http_exchange.h"

#define CONNECT_TIMEOUT_DEFAULT_MS 10000
#define CONNECTIONS_DEFAULT 8

struct sr_http {
	sr_loop *loop;
	sr_transport transport;
	http_settings settings;
	CURLM *multi;
	struct event *wake;
	size_t in_flight;
	TAILQ_HEAD(, http_exchange) exchanges;
};

static void exchange_drop(sr_http *http, http_exchange *x)
{
	TAILQ_REMOVE(&http->exchanges, x, link);
	http->in_flight--;
	curl_multi_remove_handle(http->multi, x->easy);
}

/* The exchange is off every list before its callback runs, which may submit and cancel at will. */
static void deliver(sr_http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		http_exchange *x = NULL;
		sr_response response;
		CURLcode verdict = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
		exchange_drop(http, x);
		http_exchange_answer(x, verdict, &response);
		x->fn(x->arg, x->cookie, &response);
		http_exchange_free(x);
	}
}

static void on_socket_event(evutil_socket_t fd, short what, void *arg)
{
	sr_http *http = arg;
	int action = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
	SR_AUTO(sr_turn) turn = sr_turn_begin(http->loop);
	int running;

	curl_multi_socket_action(http->multi, fd, action, &running);
	deliver(http);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	sr_http *http = arg;
	SR_AUTO(sr_turn) turn = sr_turn_begin(http->loop);
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	deliver(http);
}

/* Never acts at once, even for 0: curl calls this from inside `submit`. */
static int curl_wants_timer(CURLM *multi, long delay_ms, void *arg)
{
	sr_http *http = arg;
	struct timeval delay = { .tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000 };

	(void)multi;
	if (delay_ms < 0)
		return evtimer_del(http->wake);
	return evtimer_add(http->wake, &delay);
}

static int curl_wants_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watch)
{
	sr_http *http = arg;
	short interest = EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);

	(void)easy;
	if (watch)
		event_free(watch);
	watch = NULL;
	if (what != CURL_POLL_REMOVE) {
		watch = event_new(sr_loop_base(http->loop), fd, interest, on_socket_event, http);
		if (watch && event_add(watch, NULL) < 0) {
			event_free(watch);
			watch = NULL;
		}
	}
	curl_multi_assign(http->multi, fd, watch);
	return watch || what == CURL_POLL_REMOVE ? 0 : -1;
}

static int submit(void *self, const sr_request *request, sr_answer_fn fn, void *arg, uint64_t cookie, sr_err *err)
{
	sr_http *http = self;
	http_exchange *x = http_exchange_new(&http->settings, request, err);

	if (!x)
		return -1;
	x->fn = fn;
	x->arg = arg;
	x->cookie = cookie;
	if (curl_multi_add_handle(http->multi, x->easy) != CURLM_OK) {
		http_exchange_free(x);
		return sr_fail(err, SR_E_IO, "libcurl takes no further request");
	}
	TAILQ_INSERT_TAIL(&http->exchanges, x, link);
	http->in_flight++;
	return 0;
}

static void cancel_all(void *self, void *arg)
{
	sr_http *http = self;
	http_exchange *x, *next;

	for (x = TAILQ_FIRST(&http->exchanges); x; x = next) {
		next = TAILQ_NEXT(x, link);
		if (x->arg != arg)
			continue;
		exchange_drop(http, x);
		http_exchange_free(x);
	}
}

static int copy_settings(http_settings *to, const sr_http_options *from, sr_err *err)
{
	to->ca_file = sr_strdup(from->ca_file);
	to->proxy = sr_strdup(from->proxy);
	to->user_agent = sr_strdup(from->user_agent ? from->user_agent : "sisroll/" SISROLL_VERSION);
	to->connect_timeout_ms = from->connect_timeout_ms > 0 ? from->connect_timeout_ms : CONNECT_TIMEOUT_DEFAULT_MS;
	if ((from->ca_file && !to->ca_file) || (from->proxy && !to->proxy) || !to->user_agent)
		return sr_fail_nomem(err);
	return 0;
}

static int multi_new(sr_http *http, const sr_http_options *options, sr_err *err)
{
	long connections = options->connections_max > 0 ? options->connections_max : CONNECTIONS_DEFAULT;
	CURLMcode rc = CURLM_OK;

	http->wake = evtimer_new(sr_loop_base(http->loop), on_wake, http);
	http->multi = curl_multi_init();
	if (!http->wake || !http->multi)
		return sr_fail_nomem(err);
	rc |= curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, curl_wants_socket);
	rc |= curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	rc |= curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
	rc |= curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	rc |= curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
	rc |= curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, connections);
	return rc == CURLM_OK ? 0 : sr_fail(err, SR_E_IO, "libcurl refused an option");
}

sr_http *sr_http_new(sr_loop *loop, const sr_http_options *options, sr_err *err)
{
	sr_http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		sr_fail(err, SR_E_IO, "libcurl does not start");
		return NULL;
	}
	http = calloc(1, sizeof(*http));
	if (!http) {
		curl_global_cleanup();
		sr_fail_nomem(err);
		return NULL;
	}
	http->loop = loop;
	http->transport = (sr_transport){ http, submit, cancel_all };
	TAILQ_INIT(&http->exchanges);
	if (copy_settings(&http->settings, options, err) < 0 || multi_new(http, options, err) < 0)
		sr_http_free(SR_TAKE(http));
	return http;
}

void sr_http_free(sr_http *http)
{
	http_exchange *x;

	if (!http)
		return;
	while ((x = TAILQ_FIRST(&http->exchanges))) {
		exchange_drop(http, x);
		http_exchange_free(x);
	}
	/* Closing the kept connections still calls back for their sockets and timers. */
	if (http->multi)
		curl_multi_cleanup(http->multi);
	if (http->wake)
		event_free(http->wake);
	free(http->settings.ca_file);
	free(http->settings.proxy);
	free(http->settings.user_agent);
	free(http);
	curl_global_cleanup();
}

const sr_transport *sr_http_transport(sr_http *http)
{
	return &http->transport;
}

size_t sr_http_in_flight(const sr_http *http)
{
	return http->in_flight;
}
