/* sisrollctl: the operator's hand on sisrolld. This file alone reads the environment, the terminal and the clock. */
#include <langinfo.h>
#include <libgen.h>
#include <limits.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define SOCKET_DEFAULT "/run/sisroll/control"

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t wall_ms(void *self)
{
	(void)self;
	return read_clock(CLOCK_REALTIME);
}

static int64_t mono_ms(void *self)
{
	(void)self;
	return read_clock(CLOCK_MONOTONIC);
}

/* Names are UTF-8 whatever the locale says; only the width of characters is asked of it. */
static void set_up_characters(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static int terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static const char *own_folder(char *path, size_t bytes)
{
	ssize_t n = readlink("/proc/self/exe", path, bytes - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	return dirname(path);
}

int main(int argc, char **argv)
{
	const sr_clock clock = { .wall_ms = wall_ms, .mono_ms = mono_ms };
	const char *socket = getenv("SISROLL_SOCKET"), *no_color = getenv("NO_COLOR");
	char self[PATH_MAX];
	ctl_exit code;

	set_up_characters();
	code = ctl_main(
		&(ctl_io){
			.in = stdin,
			.out = stdout,
			.err = stderr,
			.interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
			.out_tty = isatty(STDOUT_FILENO),
			.columns = terminal_columns(),
			.no_color = no_color && *no_color,
			.socket = socket && *socket ? socket : SOCKET_DEFAULT,
			.self_folder = own_folder(self, sizeof(self)),
			.clock = &clock,
		},
		argc, argv);
	if (fflush(stdout) != 0 && code == CTL_DONE)
		code = CTL_FAILED;
	return code;
}
