/* One character at a time through three states. A row that breaks the rules is read to its end all
 * the same, so that the rows behind it keep their places and their line numbers. */
#include <errno.h>
#include <string.h>

#include "csv.h"

typedef enum state { START, PLAIN, QUOTED, CLOSED } state; /* of the field in hand */

int sim_csv_open(sim_csv *c, const char *path, sr_err *err)
{
	static const unsigned char mark[3] = { 0xef, 0xbb, 0xbf };
	unsigned char first[3];

	*c = (sim_csv){ .next_line = 1, .row.max_bytes = SIM_CSV_ROW_MAX };
	if (!(c->file = fopen(path, "re")))
		return sr_fail(err, SR_E_IO, "%s: %s", path, strerror(errno));
	if (fread(first, 1, sizeof(first), c->file) != sizeof(first) || memcmp(first, mark, sizeof(mark)) != 0)
		rewind(c->file);
	return 0;
}

void sim_csv_close(sim_csv *c)
{
	if (c->file)
		fclose(c->file);
	c->file = NULL;
	sr_buf_done(&c->row);
}

static void begin_field(sim_csv *c)
{
	if (c->count == SIM_CSV_FIELDS_MAX)
		c->bad = "too many fields";
	else
		c->at[c->count++] = c->row.len;
}

static void end_field(sim_csv *c)
{
	sr_buf_putc(&c->row, '\0');
}

/* A character within a row, after line ends were told apart. */
static state take(sim_csv *c, state s, int ch)
{
	if (s == QUOTED) {
		if (ch == '"')
			return CLOSED;
		sr_buf_putc(&c->row, (char)ch);
		return QUOTED;
	}
	if (ch == ',') {
		end_field(c);
		begin_field(c);
		return START;
	}
	if (ch == '"' && s == START)
		return QUOTED;
	if (ch == '"' && s == CLOSED) {
		sr_buf_putc(&c->row, '"'); /* a doubled quote is one */
		return QUOTED;
	}
	if (s == CLOSED)
		c->bad = "text behind a closing quote";
	else if (ch == '"')
		c->bad = "a quote within an unquoted field";
	else if (ch == '\0')
		c->bad = "a NUL byte (UTF-16? UTF-8 is wanted)";
	else
		sr_buf_putc(&c->row, (char)ch);
	return s == CLOSED ? CLOSED : PLAIN;
}

/* CR, LF and CRLF all end a line. */
static int next_char(sim_csv *c)
{
	int ch = getc_unlocked(c->file);

	if (ch == '\r') {
		int after = getc_unlocked(c->file);
		if (after != '\n' && after != EOF)
			ungetc(after, c->file);
		ch = '\n';
	}
	if (ch == '\n')
		c->next_line++;
	return ch;
}

static void check_row(sim_csv *c, state s)
{
	if (s == QUOTED)
		c->bad = "a quote is never closed";
	for (size_t i = 0; i < c->count && !c->bad && !c->row.failed; i++)
		if (!sr_utf8_valid(sim_csv_field(c, i), strlen(sim_csv_field(c, i))))
			c->bad = "not UTF-8";
}

static int read_row(sim_csv *c)
{
	state s = START;
	int ch;

	sr_buf_clear(&c->row);
	c->count = 0;
	c->bad = NULL;
	c->line = c->next_line;
	begin_field(c);
	for (ch = next_char(c); ch != EOF && (ch != '\n' || s == QUOTED); ch = next_char(c))
		s = take(c, s, ch);
	end_field(c);
	check_row(c, s);
	return ch;
}

int sim_csv_next(sim_csv *c, sr_err *err)
{
	int ch;

	do {
		ch = read_row(c);
	} while (ch == '\n' && c->count == 1 && c->row.len == 1 && !c->bad);
	if (c->row.failed)
		return sr_fail(err, SR_E_LIMIT, "line %d: the row is too long", c->line);
	if (ferror(c->file))
		return sr_fail(err, SR_E_IO, "line %d: %s", c->line, strerror(errno));
	return ch == EOF && c->count == 1 && c->row.len == 1 ? 0 : 1;
}
