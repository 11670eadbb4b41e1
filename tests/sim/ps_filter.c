/* Reading a filter: cut at semicolons, each piece at its operator, a list at its commas. */
#include "ps_filter.h"

#include <string.h>

static const struct {
	const char *sign, *sql;
} operators[] = { { "==", "=" }, { "=gt=", ">" }, { "=ge=", ">=" }, { "=lt=", "<" }, { "=le=", "<=" } };

#define EQUALS 0

static const char *keep(sim_ps_filter *f, const char *s, size_t len)
{
	return sr_arena_strndup(f->arena, s, len);
}

static bool is_date(const char *s)
{
	static const char shape[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; shape[i]; i++) {
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return false;
	}
	return !s[i];
}

static bool is_figure(const char *s)
{
	char *end;

	if (!*s || s[strspn(s, "0123456789.-")])
		return false;
	strtod(s, &end);
	return !*end;
}

static bool value_fits(sim_ps_kind kind, const char *value)
{
	switch (kind) {
	case SIM_PS_NUMBER:
		return is_figure(value);
	case SIM_PS_DATE:
		return is_date(value);
	case SIM_PS_LOB:
		return false;
	default:
		return true;
	}
}

/* `*` stands for any text; everything else that GLOB knows is put in brackets. */
static const char *as_glob(sim_ps_filter *f, const char *value)
{
	SR_AUTO(sr_buf) out = { 0 };

	for (; *value; value++) {
		if (*value == '[' || *value == '?')
			sr_buf_printf(&out, "[%c]", *value);
		else
			sr_buf_putc(&out, *value);
	}
	return out.failed ? NULL : keep(f, sr_buf_text(&out), out.len);
}

static sim_ps_complaint add_comparison(sim_ps_filter *f, const sim_ps_selector *s, const char *op, const char *value)
{
	bool glob = s->kind == SIM_PS_TEXT && !strcmp(op, "=") && strchr(value, '*');

	f->value = value;
	if (!value_fits(s->kind, value))
		return SIM_PS_WRONG_VALUE;
	if (f->count == SIM_PS_FILTER_MAX)
		return SIM_PS_TOO_LONG;
	if (glob && !(value = as_glob(f, value)))
		return SIM_PS_TOO_LONG;
	sr_buf_printf(&f->sql, "%s %s $f%zu", s->expr, glob ? "glob" : op, f->count);
	f->selectors[f->count] = s;
	f->values[f->count++] = value;
	return SIM_PS_FINE;
}

/* "(A,P)" becomes "(x = $f0 or x = $f1)". */
static sim_ps_complaint add_list(sim_ps_filter *f, const sim_ps_selector *s, const char *list, size_t len)
{
	sim_ps_complaint bad = SIM_PS_FINE;

	sr_buf_putc(&f->sql, '(');
	for (const char *p = list, *end = list + len; p <= end && !bad;) {
		size_t part = strcspn(p, ",)");
		const char *value = keep(f, p, part);

		if (p > list)
			sr_buf_puts(&f->sql, " or ");
		bad = value ? add_comparison(f, s, "=", value) : SIM_PS_TOO_LONG;
		p += part + 1;
	}
	sr_buf_putc(&f->sql, ')');
	return bad;
}

static sim_ps_complaint read_clause(sim_ps_filter *f, const char *text, size_t len)
{
	size_t name = strcspn(text, "=;,("), op = 0;
	const sim_ps_selector *s;
	const char *value;

	while (op < SR_COUNT_OF(operators) && !sr_starts(text + name, operators[op].sign))
		op++;
	if (!name || op == SR_COUNT_OF(operators) || name + strlen(operators[op].sign) >= len)
		return SIM_PS_NOT_READ;
	f->name = keep(f, text, name);
	value = keep(f, text + name + strlen(operators[op].sign), len - name - strlen(operators[op].sign));
	if (!f->name || !value)
		return SIM_PS_TOO_LONG;
	s = f->find(f->arg, f->name);
	if (!s)
		return SIM_PS_UNKNOWN_SELECTOR;
	if (*value != '(')
		return add_comparison(f, s, operators[op].sql, value);
	if (op != EQUALS || !sr_ends(value, ")"))
		return SIM_PS_NOT_READ;
	return add_list(f, s, value + 1, strlen(value) - 2);
}

/* Up to the semicolon, or the comma, that stands outside parentheses. */
static size_t clause_length(const char *p)
{
	size_t n = 0;
	int depth = 0;

	for (; p[n]; n++) {
		depth += (p[n] == '(') - (p[n] == ')');
		if (depth <= 0 && (p[n] == ';' || p[n] == ','))
			break;
	}
	return n;
}

sim_ps_complaint sim_ps_filter_read(sim_ps_filter *f, const char *text)
{
	sim_ps_complaint bad = SIM_PS_FINE;

	if (!text || !*text)
		return SIM_PS_FINE;
	sr_buf_putc(&f->sql, '(');
	while (!bad) {
		size_t len = clause_length(text);

		bad = read_clause(f, text, len);
		text += len;
		if (bad || !*text || !strcmp(text, ";"))
			break;
		if (*text == ',' && !f->or_allowed)
			return SIM_PS_NOT_READ;
		sr_buf_puts(&f->sql, *text++ == ',' ? " or " : " and ");
	}
	sr_buf_putc(&f->sql, ')');
	return !bad && f->sql.failed ? SIM_PS_TOO_LONG : bad;
}

static void bind_figure(sqlite3_stmt *stmt, int index, const char *value)
{
	int64_t n;

	if (sr_parse_i64(value, &n))
		sqlite3_bind_int64(stmt, index, n);
	else
		sqlite3_bind_double(stmt, index, strtod(value, NULL));
}

void sim_ps_filter_bind(const sim_ps_filter *f, sqlite3_stmt *stmt)
{
	for (size_t i = 0; i < f->count; i++) {
		SR_AUTO_FREE char *name = sr_asprintf("$f%zu", i);
		int index = name ? sqlite3_bind_parameter_index(stmt, name) : 0;

		if (index && f->selectors[i]->kind == SIM_PS_NUMBER)
			bind_figure(stmt, index, f->values[i]);
		else if (index)
			sqlite3_bind_text(stmt, index, f->values[i], -1, SQLITE_TRANSIENT);
	}
}

bool sim_ps_filter_names(const sim_ps_filter *f, const char *selector)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!strcmp(f->selectors[i]->name, selector))
			return true;
	}
	return false;
}

void sim_ps_filter_done(sim_ps_filter *f)
{
	sr_buf_done(&f->sql);
}
