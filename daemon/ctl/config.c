/* The configuration's table lives in the daemon, which checks it as it would read it. So `config check` and `config
 * example` run sisrolld: the one beside sisrollctl, else the one in sbin, else the one in PATH. */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "render.h"

#define OUTPUT_BYTES_MAX ((size_t)1 << 20)

/* Answers the daemon's path, or its bare name for the search in PATH. NULL: out of memory. */
static char *find_daemon(const ctl_io *io)
{
	static const char *const places[] = { "sisrolld", "../sbin/sisrolld" };

	for (size_t i = 0; io->self_folder && i < SR_COUNT_OF(places); i++) {
		SR_AUTO_FREE char *path = sr_asprintf("%s/%s", io->self_folder, places[i]);

		if (path && access(path, X_OK) == 0)
			return SR_TAKE(path);
	}
	return sr_strdup("sisrolld");
}

/* Reads until the writer closes; what exceeds the bound is dropped, so the writer never hangs. */
static void read_output(int fd, sr_buf *output)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && output->len + (size_t)n <= OUTPUT_BYTES_MAX)
			sr_buf_add(output, bytes, (size_t)n);
}

static int spawn(char *const *argv, int output_fd, pid_t *pid)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
	rc = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* Runs the daemon with these arguments; both of its streams into `output`. -1: it could not be run. */
static int run_daemon(const ctl_io *io, const char *mode, const char *file, sr_buf *output, int *status, sr_err *err)
{
	SR_AUTO_FREE char *daemon = find_daemon(io);
	char *argv[] = { daemon, (char *)mode, (char *)(file ? "-c" : NULL), (char *)file, NULL };
	int ends[2], rc;
	pid_t pid;

	if (!daemon)
		return sr_fail_nomem(err);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return sr_fail(err, SR_E_IO, "pipe: %s", strerror(errno));
	rc = spawn(argv, ends[1], &pid);
	close(ends[1]);
	if (rc == 0) {
		read_output(ends[0], output);
		while (waitpid(pid, status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	return rc == 0 ? 0 : sr_fail(err, SR_E_IO, "%s cannot be run: %s", daemon, strerror(rc));
}

static json_t *lines_of(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t len = strcspn(text, "\n");

		json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == '\n');
	}
	return list;
}

static ctl_exit not_run(const ctl_io *io, const ctl_request *request, const sr_err *err)
{
	const ctl_out o = { .io = io };
	json_auto_t *refusal = sr_refusal_json(&(sr_refusal){ .code = SR_CODE_CONFIG,
		.what = err->text,
		.untouched = "Nothing was checked.",
		.todo = { "Install the package sisrolld, or call: sisrolld --config-check" } });

	if (request->common.json)
		ctl_render_json_error(io, SR_CTL_REFUSED, refusal);
	else
		ctl_refusal(&o, request->command->verb, "failed", refusal, "what");
	return CTL_FAILED;
}

static ctl_exit ask_daemon(const ctl_io *io, const ctl_request *request, const char *mode)
{
	const char *file = sr_json_text(request->render, "config");
	SR_AUTO(sr_buf) output = { 0 };
	sr_err err = { 0 };
	int status = 0;
	bool ok;

	if (run_daemon(io, mode, file, &output, &status, &err) != 0)
		return not_run(io, request, &err);
	ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (request->common.json) {
		json_auto_t *document = json_pack("{s:b, s:o}", "ok", ok, "lines", lines_of(sr_buf_text(&output)));

		ctl_render_json(io, document);
	} else if (!request->common.quiet || !ok) {
		fputs(sr_buf_text(&output), ok ? io->out : io->err);
	}
	return ok ? CTL_DONE : CTL_FAILED;
}

ctl_exit ctl_config_check(const ctl_io *io, const ctl_request *request)
{
	return ask_daemon(io, request, "--config-check");
}

ctl_exit ctl_config_example(const ctl_io *io, const ctl_request *request)
{
	return ask_daemon(io, request, "--config-example");
}
