/* TLS for both ports, from a certificate and its key: for clients that know nothing but https.
 * Never asks a client for a certificate. */
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "serve_int.h"

/* The library's own words, which name what is wrong with a file. */
static int unusable(const char *file, sr_err *err)
{
	char why[160];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	ERR_clear_error();
	return sr_fail(err, SR_E_INVALID, "TLS: %s cannot be used: %s", file, why);
}

static int take_files(SSL_CTX *tls, const char *cert, const char *key, sr_err *err)
{
	if (SSL_CTX_use_certificate_chain_file(tls, cert) != 1)
		return unusable(cert, err);
	if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
		return unusable(key, err);
	return 0;
}

SSL_CTX *sim_tls_new(const char *cert, const char *key, sr_err *err)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	if (!tls) {
		sr_fail_nomem(err);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	if (take_files(tls, cert, key, err)) {
		SSL_CTX_free(tls);
		return NULL;
	}
	return tls;
}

void sim_tls_free(SSL_CTX *tls)
{
	SSL_CTX_free(tls);
}

/* evhttp asks for one a connection; NULL makes it take a plain one, which no client that speaks TLS understands. */
struct bufferevent *sim_tls_connection(struct event_base *base, void *tls)
{
	SSL *ssl = SSL_new(tls);
	struct bufferevent *bev = ssl ? bufferevent_openssl_socket_new(
						base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
				      : NULL;

	if (bev)
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	else
		SSL_free(ssl);
	return bev;
}
