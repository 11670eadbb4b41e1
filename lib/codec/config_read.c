/* One file through inih. inih as packaged tells its handler no line numbers, stops telling about
 * bad lines after the first, and cuts long ones in pieces: so the lines pass through a reader of
 * ours, which counts them, and sees which of them never reached the handler. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "codec/config_priv.h"

#define SECTION_MAX 49 /* inih keeps no more of a section's name */

typedef struct reading {
	FILE *file;
	const char *path;
	int line;
	bool pending;   /* the last line must be a setting and has not reached the handler */
	bool continued; /* the last line is indented: inih may take it for the value going on */
	bool failed;    /* the file could not be read to its end */
	config_setting_fn setting;
	config_problem_fn problem;
	void *arg;
} reading;

static void settle_pending(reading *r)
{
	if (r->pending)
		r->problem(r->arg, r->path, r->line, "expected `name = value`");
	r->pending = false;
}

static void section_line(reading *r, const char *text)
{
	const char *end = strchr(text, ']');
	char name[SECTION_MAX + 1];
	size_t len = end ? (size_t)(end - text) - 1 : 0;

	if (!end) {
		r->problem(r->arg, r->path, r->line, "expected [section]: the closing bracket is missing");
		return;
	}
	if (len > SECTION_MAX) {
		r->problem(r->arg, r->path, r->line, "the section's name is too long");
		return;
	}
	memcpy(name, text + 1, len);
	name[len] = '\0';
	r->setting(r->arg, &(config_setting){ .section = name, .file = r->path, .line = r->line });
}

static void look_at(reading *r, const char *line)
{
	const char *text = line + strspn(line, " \t\r\n");

	if (r->line == 1 && sr_starts(text, "\xef\xbb\xbf"))
		text += 3;
	r->continued = text > line;
	if (*text == '[')
		section_line(r, text);
	else
		r->pending = *text && !strchr(";#", *text);
}

/* The rest of a line that is too long for inih's buffer. */
static void skip_rest(reading *r)
{
	int c;

	do {
		c = getc(r->file);
	} while (c != '\n' && c != EOF);
	r->problem(r->arg, r->path, r->line, "the line is too long (indent a further line to go on with a list)");
}

static char *next_line(char *into, int room, void *stream)
{
	reading *r = stream;
	size_t len;

	settle_pending(r);
	if (!fgets(into, room, r->file)) {
		r->failed = ferror(r->file) != 0;
		return NULL;
	}
	r->line++;
	len = strlen(into);
	if (len + 1 == (size_t)room && into[len - 1] != '\n') {
		skip_rest(r);
		into[0] = '\0';
	}
	look_at(r, into);
	return into;
}

static int on_setting(void *user, const char *section, const char *key, const char *value)
{
	reading *r = user;

	r->pending = false;
	r->setting(r->arg, &(config_setting){ .section = section,
				   .key = key,
				   .value = value ? value : "",
				   .file = r->path,
				   .line = r->line,
				   .continued = r->continued });
	return 1;
}

int sr_config_file_read(const char *path, config_setting_fn setting, config_problem_fn problem, void *arg, sr_err *err)
{
	reading r = { .path = path, .setting = setting, .problem = problem, .arg = arg };
	int rc;

	r.file = fopen(path, "re");
	if (!r.file)
		return sr_fail(err, SR_E_IO, "cannot read %s: %s", path, strerror(errno));
	rc = ini_parse_stream(next_line, &r, on_setting, &r);
	settle_pending(&r);
	fclose(r.file);
	if (r.failed || rc == -1)
		return sr_fail(err, SR_E_IO, "cannot read %s", path);
	if (rc == -2)
		return sr_fail_nomem(err);
	return 0;
}
