#include "settings.h"

#include <string.h>
#include <sys/un.h>

#include "alert_carrier.h"
#include "io/http.h"
#include "today.h"

static void check_url(const char *section, const char *url, sr_buf *problems)
{
	sr_err err = { 0 };

	if (!*url)
		sr_buf_printf(problems, "[%s] url: is not set\n", section);
	else if (sr_http_check_url(url, &err) < 0)
		sr_buf_printf(problems, "[%s] url: %s\n", section, err.text);
}

static void check_daemon(const sr_config_daemon *d, sr_buf *problems)
{
	if (*d->timezone && !sr_timezone_known(d->timezone))
		sr_buf_printf(problems, "[daemon] timezone: this machine knows no zone '%s'\n", d->timezone);
	if (strlen(d->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		sr_buf_printf(problems, "[daemon] socket: the path is too long for a socket\n");
}

int sr_settings_load(const char *path, sr_config **out, sr_buf *problems, sr_err *err)
{
	SR_AUTO_FREE char *drop_ins = sr_asprintf("%s.d", path);
	sr_config *config;

	if (!drop_ins)
		return sr_fail_nomem(err);
	if (sr_config_load(path, drop_ins, &config, problems, err) < 0)
		return -1;
	check_url("powerschool", config->powerschool.url, problems);
	check_url("schoology", config->schoology.url, problems);
	check_daemon(&config->daemon, problems);
	sr_alert_config_check(&config->alert, problems);
	if (problems->len > 0 || problems->failed) {
		sr_config_free(config);
		return sr_fail(err, SR_E_INVALID, "the configuration %s is not sound", path);
	}
	*out = config;
	return 0;
}
