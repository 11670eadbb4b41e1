/* The configuration is loaded in one go: defaults, then files in their order, then the checks that
 * need more than one line. Nothing stops at the first problem: an administrator corrects a file
 * once, not ten times. What schools override is kept as a list of (school, row, value) and put on
 * top of the district's values whenever a school is looked up. */
#include "codec/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec/config_priv.h"

#define EVERY_SCHOOL (-1)
#define OVERRIDES_MAX 20000
#define GROUPS_MAX 200
#define GROUP_NAME_MAX 40

typedef struct override {
	int64_t school; /* EVERY_SCHOOL first, then numbers, in the order of the files */
	const config_row *row;
	config_value value;
	const char *file; /* that set it */
	int line;
} override;

typedef struct group {
	const char *name;
	const sr_number_range *ranges;
	size_t count;
	const char *file;
	int line;
} group;

typedef struct where {
	const char *file;
	int line;
} where;

struct sr_config_inner {
	sr_arena arena;
	sr_school_config defaults;
	override *overrides;
	size_t override_count, override_room;
	int64_t *numbers;
	size_t number_count, number_room;
	group groups[GROUPS_MAX];
	size_t group_count;
};

typedef struct loading {
	sr_config *c;
	where *set; /* per row: the file and line that set it */
	sr_buf *problems;
	size_t problem_count;
	const config_row *last_row; /* for lines that go on with a list */
	sr_buf list;                /* the list so far */
	bool nomem;
} loading;

/* ---- problems ---- */

static void problem(void *arg, const char *file, int line, const char *text)
{
	loading *l = arg;

	l->problem_count++;
	if (!l->problems)
		return;
	if (line)
		sr_buf_printf(l->problems, "%s:%d: %s\n", file, line, text);
	else
		sr_buf_printf(l->problems, "%s: %s\n", file, text);
}

static void problemf(loading *l, const config_setting *s, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void problemf(loading *l, const config_setting *s, const char *fmt, ...)
{
	sr_buf text = { .max_bytes = 1000 };
	va_list ap;

	va_start(ap, fmt);
	sr_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	problem(l, s->file, s->line, sr_buf_text(&text));
	sr_buf_done(&text);
}

/* ---- sections ---- */

typedef struct place {
	enum { PLACE_PLAIN, PLACE_SCHOOL, PLACE_GROUP, PLACE_UNKNOWN } is;
	int64_t school;
	const char *group;
} place;

static bool plain_section(const char *name)
{
	for (size_t i = 0; i < sr_config_row_count; i++)
		if (sr_config_rows[i].scope < CONFIG_SCHOOL && strcmp(sr_config_rows[i].section, name) == 0)
			return true;
	return false;
}

static bool group_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len && len <= GROUP_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static place place_of(const char *section)
{
	place p = { .is = PLACE_UNKNOWN };

	if (plain_section(section)) {
		p.is = PLACE_PLAIN;
	} else if (strcmp(section, "school *") == 0) {
		p = (place){ .is = PLACE_SCHOOL, .school = EVERY_SCHOOL };
	} else if (sr_starts(section, "school ")) {
		if (sr_parse_i64(section + 7, &p.school) && p.school > 0)
			p.is = PLACE_SCHOOL;
	} else if (sr_starts(section, "group ") && group_name_ok(section + 6)) {
		p = (place){ .is = PLACE_GROUP, .group = section + 6 };
	}
	return p;
}

static bool row_fits(const config_row *row, const char *section, const place *p)
{
	switch (p->is) {
	case PLACE_PLAIN:
		return row->scope < CONFIG_SCHOOL && strcmp(row->section, section) == 0;
	case PLACE_SCHOOL:
		return row->scope == CONFIG_SCHOOL || row->scope == CONFIG_OVERRIDABLE;
	case PLACE_GROUP:
		return row->scope == CONFIG_GROUP;
	default:
		return false;
	}
}

static const config_row *row_of(const char *section, const place *p, const char *key)
{
	for (size_t i = 0; i < sr_config_row_count; i++)
		if (strcmp(sr_config_rows[i].key, key) == 0 && row_fits(&sr_config_rows[i], section, p))
			return &sr_config_rows[i];
	return NULL;
}

/* ---- taking settings in ---- */

static void *grown(void *items, size_t count, size_t *room, size_t bytes)
{
	size_t more = *room ? *room * 2 : 32;
	void *p;

	if (count < *room)
		return items;
	p = realloc(items, more * bytes);
	if (p)
		*room = more;
	return p;
}

static void note_school(loading *l, int64_t number)
{
	struct sr_config_inner *in = l->c->inner;
	size_t at = 0;
	int64_t *p;

	while (at < in->number_count && in->numbers[at] < number)
		at++;
	if (number == EVERY_SCHOOL || (at < in->number_count && in->numbers[at] == number))
		return;
	p = grown(in->numbers, in->number_count, &in->number_room, sizeof(*p));
	if (!p) {
		l->nomem = true;
		return;
	}
	in->numbers = p;
	memmove(p + at + 1, p + at, (in->number_count - at) * sizeof(*p));
	p[at] = number;
	in->number_count++;
}

/* True if this very file has said it already: that is an oversight, not an override. */
static bool said_twice(loading *l, const config_setting *s, const char *file, int line)
{
	if (s->continued || !file || strcmp(file, s->file) != 0)
		return false;
	problemf(l, s, "%s is set twice, first on line %d", s->key, line);
	return true;
}

static void set_district(loading *l, const config_setting *s, const config_row *row, const config_value *value)
{
	where *w = &l->set[row - sr_config_rows];

	if (said_twice(l, s, w->file, w->line))
		return;
	*w = (where){ s->file, s->line };
	sr_config_value_store(
		row, value, row->scope == CONFIG_DISTRICT ? (void *)l->c : (void *)&l->c->inner->defaults);
}

static override *override_of(struct sr_config_inner *in, int64_t school, const config_row *row)
{
	for (size_t i = 0; i < in->override_count; i++)
		if (in->overrides[i].school == school && in->overrides[i].row == row)
			return &in->overrides[i];
	return NULL;
}

static void set_school(
	loading *l, const config_setting *s, int64_t school, const config_row *row, const config_value *value)
{
	struct sr_config_inner *in = l->c->inner;
	override *o = override_of(in, school, row), *p;

	if (o && said_twice(l, s, o->file, o->line))
		return;
	if (!o) {
		p = in->override_count < OVERRIDES_MAX
			    ? grown(in->overrides, in->override_count, &in->override_room, sizeof(*p))
			    : NULL;
		if (!p) {
			l->nomem = true;
			return;
		}
		in->overrides = p;
		o = &p[in->override_count++];
	}
	*o = (override){ school, row, *value, s->file, s->line };
}

static void set_group(loading *l, const config_setting *s, const char *name, const config_value *value)
{
	struct sr_config_inner *in = l->c->inner;
	group *g = in->groups;

	while (g < in->groups + in->group_count && strcmp(g->name, name) != 0)
		g++;
	if (g < in->groups + in->group_count && said_twice(l, s, g->file, g->line))
		return;
	if (g == in->groups + GROUPS_MAX) {
		problemf(l, s, "more than %d groups", GROUPS_MAX);
		return;
	}
	if (g == in->groups + in->group_count) {
		name = sr_arena_strdup(&in->arena, name);
		if (!name) {
			l->nomem = true;
			return;
		}
		in->group_count++;
		g->name = name;
	}
	g->ranges = value->list.items;
	g->count = value->list.count;
	g->file = s->file;
	g->line = s->line;
}

/* The value of a line that goes on is the list so far and the line. Other kinds do not go on: an
 * indented setting would silently become part of the one before it. */
static const char *whole_value(loading *l, const config_setting *s, const config_row *row)
{
	bool list = row->kind == CONFIG_WORDS || row->kind == CONFIG_NUMBERS || row->kind == CONFIG_RANGES;

	if (s->continued && (!list || strchr(s->value, '='))) {
		problemf(
			l, s, "an indented line goes on with `%s`; begin a setting at the start of its line", row->key);
		return NULL;
	}
	if (!s->continued)
		sr_buf_clear(&l->list);
	sr_buf_printf(&l->list, "%s%s", s->continued ? " " : "", s->value);
	return sr_buf_text(&l->list);
}

static void take_setting(loading *l, const config_setting *s, const place *p)
{
	const config_row *row = row_of(s->section, p, s->key);
	config_value value = { 0 };
	const char *text;
	sr_err why;

	/* inih repeats the name for lines that go on; an indented line after a section is a setting. */
	config_setting mine = *s;

	mine.continued = s->continued && row && row == l->last_row;
	l->last_row = row;
	if (!row) {
		problemf(l, s, "[%s] has no setting `%s`", s->section, s->key);
		return;
	}
	text = whole_value(l, &mine, row);
	if (!text)
		return;
	if (sr_config_value_read(row, text, &l->c->inner->arena, &value, &why) < 0) {
		problemf(l, s, "%s: %s", s->key, why.text);
		return;
	}
	if (p->is == PLACE_SCHOOL)
		set_school(l, &mine, p->school, row, &value);
	else if (p->is == PLACE_GROUP)
		set_group(l, &mine, p->group, &value);
	else
		set_district(l, &mine, row, &value);
}

static void on_line(void *arg, const config_setting *s)
{
	loading *l = arg;
	place p = place_of(s->section);

	if (s->key) {
		if (p.is != PLACE_UNKNOWN)
			take_setting(l, s, &p);
		else if (!*s->section)
			problemf(l, s, "`%s` stands before the first [section]", s->key);
		return;
	}
	l->last_row = NULL;
	if (p.is == PLACE_SCHOOL)
		note_school(l, p.school);
	else if (p.is == PLACE_UNKNOWN)
		problemf(l, s, "there is no section [%s]", s->section);
}

/* ---- loading ---- */

static int set_defaults(loading *l, sr_err *err)
{
	struct sr_config_inner *in = l->c->inner;
	config_value value;

	for (size_t i = 0; i < sr_config_row_count; i++) {
		const config_row *row = &sr_config_rows[i];

		if (row->scope == CONFIG_GROUP || !row->initial)
			continue;
		value = (config_value){ 0 };
		if (sr_config_value_read(row, row->initial, &in->arena, &value, err) < 0)
			return sr_err_prefix(err, row->key);
		sr_config_value_store(
			row, &value, row->scope == CONFIG_DISTRICT ? (void *)l->c : (void *)&in->defaults);
	}
	return 0;
}

static int is_conf(const struct dirent *d)
{
	return d->d_name[0] != '.' && sr_ends(d->d_name, ".conf");
}

static int load_file(loading *l, const char *path, sr_err *err)
{
	const char *kept = sr_arena_strdup(&l->c->inner->arena, path);

	if (!kept)
		return sr_fail_nomem(err);
	l->last_row = NULL;
	return sr_config_file_read(kept, on_line, problem, l, err);
}

static int load_drop_ins(loading *l, const char *folder, sr_err *err)
{
	struct dirent **found;
	int n = scandir(folder, &found, is_conf, alphasort), rc = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : sr_fail(err, SR_E_IO, "cannot read %s: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		SR_AUTO_FREE char *path = sr_asprintf("%s/%s", folder, found[i]->d_name);

		if (rc == 0)
			rc = path ? load_file(l, path, err) : sr_fail_nomem(err);
		free(found[i]);
	}
	free(found);
	return rc;
}

/* What no single line can show. */
static void check_whole(loading *l, const char *path)
{
	const sr_config *c = l->c;
	sr_buf text = { .max_bytes = 500 };

	for (size_t i = 0; i < sr_config_row_count; i++) {
		if (sr_config_rows[i].initial || sr_config_rows[i].scope == CONFIG_GROUP || l->set[i].file)
			continue;
		sr_buf_clear(&text);
		sr_buf_printf(&text, "[%s] %s must be given", sr_config_rows[i].section, sr_config_rows[i].key);
		problem(l, path, 0, sr_buf_text(&text));
	}
	if (c->schoology.read_cost > c->schoology.rate_credits || c->schoology.write_cost > c->schoology.rate_credits)
		problem(l, path, 0, "[schoology] rate_credits is less than one request costs");
	if (c->sync.retry_first_ms > c->sync.retry_max_ms)
		problem(l, path, 0, "[sync] retry_first is longer than retry_max");
	if (c->sync.drop_status != 5 && c->sync.drop_status != 2)
		problem(l, path, 0, "[sync] drop_status is 5 or 2");
	if (c->operator_.two_person && (!*c->operator_.designated || !*c->operator_.second))
		problem(l, path, 0, "[operator] two_person = yes needs designated and second");
	if (*c->operator_.second && strcmp(c->operator_.second, c->operator_.designated) == 0)
		problem(l, path, 0, "[operator] second is the same account as designated");
	sr_buf_done(&text);
}

static int load_all(loading *l, const char *path, const char *conf_d_path, sr_err *err)
{
	if (set_defaults(l, err) < 0 || load_file(l, path, err) < 0)
		return -1;
	if (conf_d_path && load_drop_ins(l, conf_d_path, err) < 0)
		return -1;
	check_whole(l, path);
	if (l->nomem)
		return sr_fail(err, SR_E_LIMIT, "the configuration is too large for this machine");
	if (l->problem_count)
		return sr_fail(err, SR_E_INVALID, "%zu problem%s in the configuration", l->problem_count,
			l->problem_count == 1 ? "" : "s");
	return 0;
}

int sr_config_load(const char *path, const char *conf_d_path, sr_config **out, sr_buf *problems, sr_err *err)
{
	loading l = { .problems = problems };
	int rc = -1;

	l.c = calloc(1, sizeof(*l.c));
	l.set = calloc(sr_config_row_count, sizeof(*l.set));
	if (l.c)
		l.c->inner = calloc(1, sizeof(*l.c->inner));
	if (l.c && l.c->inner && l.set)
		rc = load_all(&l, path, conf_d_path, err);
	else
		sr_fail_nomem(err);
	if (rc == 0)
		*out = SR_TAKE(l.c);
	sr_config_free(l.c);
	free(l.set);
	sr_buf_done(&l.list);
	return rc;
}

void sr_config_free(sr_config *c)
{
	if (!c)
		return;
	if (c->inner) {
		sr_arena_done(&c->inner->arena);
		free(c->inner->overrides);
		free(c->inner->numbers);
		free(c->inner);
	}
	free(c);
}

/* ---- looking up ---- */

static void lay_over(const struct sr_config_inner *in, int64_t school, sr_school_config *out)
{
	for (size_t i = 0; i < in->override_count; i++)
		if (in->overrides[i].school == school)
			sr_config_value_store(in->overrides[i].row, &in->overrides[i].value, out);
}

int sr_config_school(const sr_config *c, int64_t number, sr_school_config *out)
{
	const struct sr_config_inner *in = c->inner;

	*out = in->defaults;
	out->number = number;
	lay_over(in, EVERY_SCHOOL, out);
	lay_over(in, number, out);
	for (size_t i = 0; i < in->number_count; i++)
		if (in->numbers[i] == number)
			return 0;
	return 1;
}

size_t sr_config_school_list(const sr_config *c, const int64_t **numbers)
{
	*numbers = c->inner->numbers;
	return c->inner->number_count;
}

bool sr_config_group(const sr_config *c, const char *name, const sr_number_range **ranges, size_t *count)
{
	const struct sr_config_inner *in = c->inner;

	for (size_t i = 0; i < in->group_count; i++) {
		if (strcmp(in->groups[i].name, name) != 0)
			continue;
		*ranges = in->groups[i].ranges;
		*count = in->groups[i].count;
		return true;
	}
	return false;
}
