/* Everything that reaches the terminal passes ctl_clean: names come from two foreign systems, and a name may hold
 * an escape sequence. */
#include "print.h"

#include <string.h>

/* Bytes of the UTF-8 character at `s` that must not reach a terminal; 0: it may. Control characters (C0, DEL, C1)
 * and U+202A..E, U+2066..9, which turn the direction of what follows. */
static size_t unwanted(const unsigned char *s)
{
	if (s[0] < 0x20 || s[0] == 0x7f)
		return 1;
	if (s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f)
		return 2;
	if (s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae)
		return 3;
	if (s[0] == 0xe2 && s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9)
		return 3;
	return 0;
}

void ctl_clean(sr_buf *out, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s;) {
		size_t bad = unwanted(s);

		sr_buf_putc(out, bad ? '?' : (char)*s);
		s += bad ? bad : 1;
	}
}

void ctl_say(const ctl_out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	vfprintf(o->io->out, fmt, ap);
	va_end(ap);
}

/* --- Cells --- */

static void value_list(const json_t *list, sr_buf *out)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) {
		if (i > 0)
			sr_buf_puts(out, ", ");
		ctl_value(item, out);
	}
	if (json_array_size(list) == 0)
		sr_buf_putc(out, '-');
}

static void value_object(const json_t *object, sr_buf *out)
{
	const char *key, *separator = "";
	json_t *item;

	json_object_foreach((json_t *)object, key, item) {
		sr_buf_puts(out, separator);
		ctl_clean(out, key);
		sr_buf_putc(out, ' ');
		ctl_value(item, out);
		separator = ", ";
	}
	if (!*separator)
		sr_buf_putc(out, '-');
}

void ctl_value(const json_t *value, sr_buf *out)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		ctl_clean(out, json_string_value(value));
		break;
	case JSON_INTEGER:
		sr_buf_printf(out, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		sr_buf_printf(out, "%g", json_real_value(value));
		break;
	case JSON_TRUE:
		sr_buf_puts(out, "yes");
		break;
	case JSON_FALSE:
		sr_buf_puts(out, "no");
		break;
	case JSON_ARRAY:
		value_list(value, out);
		break;
	case JSON_OBJECT:
		value_object(value, out);
		break;
	default:
		sr_buf_putc(out, '-');
	}
}

void ctl_cell_school(const json_t *row, const char *field, sr_buf *out)
{
	const char *name = sr_json_text(row, "name");

	ctl_value(json_object_get(row, field), out);
	if (name) {
		sr_buf_putc(out, ' ');
		ctl_clean(out, name);
	}
}

void ctl_cell_time(const json_t *row, const char *field, sr_buf *out)
{
	const char *time = sr_json_text(row, field);

	if (!time || strlen(time) < 16 || time[10] != 'T') {
		ctl_value(json_object_get(row, field), out);
		return;
	}
	SR_AUTO(sr_buf) cut = { 0 };
	sr_buf_add(&cut, time, 10);
	sr_buf_putc(&cut, ' ');
	sr_buf_add(&cut, time + 11, 5);
	ctl_clean(out, sr_buf_text(&cut));
}

void ctl_cell_titled(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *list = sr_json_array(row, field);
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) {
		sr_buf_puts(out, i ? ", " : "");
		ctl_value(json_object_get(item, "id"), out);
		sr_buf_putc(out, ' ');
		ctl_value(json_object_get(item, "title"), out);
	}
	if (json_array_size(list) == 0)
		sr_buf_putc(out, '-');
}

void ctl_cell_counts(const json_t *row, const char *field, sr_buf *out)
{
	const json_t *counts = sr_json_object(row, field);
	const char *kind, *separator = "";
	json_t *n;

	json_object_foreach((json_t *)counts, kind, n) {
		if (json_integer_value(n) == 0)
			continue;
		sr_buf_printf(out, "%s%lld ", separator, (long long)json_integer_value(n));
		ctl_clean(out, kind);
		separator = ", ";
	}
	if (!*separator)
		sr_buf_puts(out, "nothing");
}

/* --- Refusals --- */

static void todo_lines(const json_t *todo, sr_buf *text)
{
	size_t i;
	json_t *line;

	json_array_foreach(todo, i, line) {
		sr_buf_puts(text, i ? "     " : "Do:  ");
		ctl_value(line, text);
		sr_buf_putc(text, '\n');
	}
}

void ctl_refusal(
	const ctl_out *o, const char *subject, const char *outcome, const json_t *details, const char *what_key)
{
	const char *what = sr_json_text(details, what_key), *code = sr_json_text(details, "code");
	const char *untouched = sr_json_text(details, "untouched");
	SR_AUTO(sr_buf) text = { 0 };

	sr_buf_puts(&text, o->color ? "\033[1;31msisrollctl: " : "sisrollctl: ");
	ctl_clean(&text, subject);
	sr_buf_printf(&text, " %s:%s ", outcome, o->color ? "\033[0m" : "");
	ctl_clean(&text, what ? what : "no reason was given");
	if (!what || (!sr_ends(what, ".") && !sr_ends(what, "?")))
		sr_buf_putc(&text, '.');
	sr_buf_puts(&text, "   [");
	ctl_clean(&text, code ? code : "SR-INTERNAL");
	sr_buf_puts(&text, "]\n");
	if (untouched && *untouched) {
		ctl_clean(&text, untouched);
		sr_buf_putc(&text, '\n');
	}
	todo_lines(sr_json_array(details, "do"), &text);
	fputs(sr_buf_text(&text), o->io->err);
}
