/* One table tells an entry's fields for both sinks, so that a line and its journal entry never say
 * different things. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "journal.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

typedef struct field {
	const char *journal, *line;
	size_t offset;
	bool is_text;
} field;

/* clang-format off */
#define NUMBER(journal, member) { journal, #member, offsetof(sr_log_entry, member), false }
#define TEXT(journal, member)   { journal, #member, offsetof(sr_log_entry, member), true }

static const field fields[] = {
	NUMBER("SISROLL_SCHOOL",    school),
	NUMBER("SISROLL_EPOCH",     epoch),
	NUMBER("SISROLL_RUN",       run),
	NUMBER("SISROLL_PLAN",      plan),
	NUMBER("SISROLL_OPERATION", operation),
	NUMBER("SISROLL_COUNT",     count),
	TEXT(  "SISROLL_FROM",      from),
	TEXT(  "SISROLL_EVENT",     event),
	TEXT(  "SISROLL_TO",        to),
	TEXT(  "SISROLL_YEAR",      year),
	TEXT(  "SISROLL_CODE",      code),
	TEXT(  "SISROLL_WHO",       who),
	/* clang-format on */
};

/* The value as text, into `number` if need be; NULL: the entry does not say it. */
static const char *field_value(const field *f, const sr_log_entry *entry, char number[24])
{
	const void *at = (const char *)entry + f->offset;
	int64_t n;

	if (f->is_text)
		return *(const char *const *)at;
	n = *(const int64_t *)at;
	snprintf(number, 24, "%lld", (long long)n);
	return n ? number : NULL;
}

/* ---- the plain line ---- */

static void add_stamp(sr_buf *out, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char stamp[40];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", &tm);
	sr_buf_printf(out, "%.22s:%s", stamp, stamp + 22); /* +0200 -> +02:00 */
}

static void blunt_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void sr_journal_line(const sr_log_entry *entry, int64_t wall_ms, sr_buf *out)
{
	const char *name = sr_msg_name(entry->id);
	char number[24];
	bool any = false;

	add_stamp(out, wall_ms);
	sr_buf_printf(out, " %s", sr_level_name(entry->level));
	if (name)
		sr_buf_printf(out, " %s", name);
	sr_buf_printf(out, ": %s", entry->text ? entry->text : "");
	for (size_t i = 0; i < SR_COUNT_OF(fields); i++) {
		const char *value = field_value(&fields[i], entry, number);

		if (!value)
			continue;
		sr_buf_printf(out, "%s%s=%s", any ? " " : " [", fields[i].line, value);
		any = true;
	}
	sr_buf_puts(out, any ? "]" : "");
	if (out->p)
		blunt_controls(out->p);
	sr_buf_putc(out, '\n');
}

static void write_plain(void *self, const sr_log_entry *entry)
{
	const sr_journal *j = self;
	SR_AUTO(sr_buf) line = { 0 };

	sr_journal_line(entry, sr_clock_wall_ms(j->clock), &line);
	fputs(sr_buf_text(&line), j->plain);
	fflush(j->plain);
}

/* ---- the journal ---- */

/* syslog's numbers */
static const int priorities[SR_LEVEL_COUNT] = {
	[SR_ERROR] = 3,
	[SR_WARNING] = 4,
	[SR_NOTICE] = 5,
	[SR_INFO] = 6,
	[SR_DEBUG] = 7,
};

static void add_field(struct iovec *v, int *n, sr_arena *arena, const char *name, const char *value)
{
	char *text = value ? sr_arena_printf(arena, "%s=%s", name, value) : NULL;

	if (text)
		v[(*n)++] = (struct iovec){ text, strlen(text) };
}

static void write_journal(void *self, const sr_log_entry *entry)
{
	struct iovec v[SR_COUNT_OF(fields) + 3];
	SR_AUTO(sr_arena) arena = { 0 };
	char number[24];
	int n = 0;

	(void)self;
	snprintf(number, sizeof(number), "%d", priorities[entry->level]);
	add_field(v, &n, &arena, "MESSAGE", entry->text ? entry->text : "");
	add_field(v, &n, &arena, "PRIORITY", number);
	add_field(v, &n, &arena, "MESSAGE_ID", sr_msg_id(entry->id));
	for (size_t i = 0; i < SR_COUNT_OF(fields); i++)
		add_field(v, &n, &arena, fields[i].journal, field_value(&fields[i], entry, number));
	sd_journal_sendv(v, n);
}

/* "device:inode" of the stream that systemd connected. */
static bool names_stderr(const char *journal_stream)
{
	unsigned long long device, inode;
	struct stat st;

	return journal_stream && sscanf(journal_stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void sr_journal_init(sr_journal *j, const char *journal_stream, FILE *plain, const sr_clock *clock)
{
	bool journal = names_stderr(journal_stream);

	*j = (sr_journal){
		.log = { j, journal ? write_journal : write_plain, SR_INFO },
		.clock = clock,
		.plain = journal ? NULL : plain,
	};
}
