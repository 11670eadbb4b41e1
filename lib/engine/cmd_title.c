/* Titles of grading periods are unique in the organisation: the same title with the same dates is the
 * same period, whoever made it; with other dates the school's number is added. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>

typedef struct title_facts {
	const sr_title_ask *ask;
	char year[SR_YEAR_LABEL_BYTES], start[12], number[24];
} title_facts;

static const char *title_get(void *arg, const char *name)
{
	title_facts *f = arg;
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "year", f->year },
		{ "start_year", f->start },
		{ "school_number", f->number },
		{ "term_name", f->ask->term->name },
		{ "term_abbreviation", f->ask->term->abbreviation },
	};

	for (size_t i = 0; i < SR_COUNT_OF(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].value;
	return NULL;
}

/* A year's term is named by the year, which the template says already: "2026-2027 2026-2027" says it once. */
static void title_expand(title_facts *f, sr_buf *out)
{
	char twice[2 * SR_YEAR_LABEL_BYTES];
	size_t once = strlen(f->year) + 1;
	char *at;

	sr_template_expand(f->ask->s->config.period_title ?: "{year} {term_name}", title_get, f, out);
	snprintf(twice, sizeof(twice), "%s %s", f->year, f->year);
	at = out->len ? strstr(out->p, twice) : NULL;
	if (!at)
		return;
	memmove(at, at + once, strlen(at + once) + 1);
	out->len -= once;
}

static int title_base(const sr_title_ask *ask, sr_buf *out)
{
	title_facts f = { .ask = ask };

	sr_year_print(ask->term->yearid, f.year);
	snprintf(f.start, sizeof(f.start), "%d", sr_year_start(ask->term->yearid));
	snprintf(f.number, sizeof(f.number), "%lld", (long long)ask->s->number);
	sr_buf_clear(out);
	if (ask->title)
		sr_buf_puts(out, ask->title);
	else
		title_expand(&f, out);
	/* A term without a name still needs a title that is its own. */
	if (!out->failed && out->len == 0)
		sr_buf_printf(out, "%s %lld", f.year, (long long)ask->term->id);
	return out->failed ? -1 : 0;
}

typedef enum title_state { TITLE_FREE, TITLE_SAME, TITLE_TAKEN } title_state;

static title_state title_look(const sr_title_ask *ask, const char *title, int64_t *existing)
{
	for (size_t i = 0; i < ask->period_count; i++) {
		const sr_period *p = &ask->periods[i];

		if (!p->exists || !sr_streq(p->title, title))
			continue;
		*existing = p->id;
		return p->start == ask->term->first && p->end == ask->term->last ? TITLE_SAME : TITLE_TAKEN;
	}
	for (size_t i = 0; i < ask->intent_count; i++) {
		const sr_period_intent *p = &ask->intents[i];
		bool open = p->state == SR_PI_SENT || p->state == SR_PI_LOST;

		if (open && sr_streq(p->title, title) && (p->start != ask->term->first || p->end != ask->term->last))
			return TITLE_TAKEN;
	}
	return TITLE_FREE;
}

int sr_title_find(const sr_title_ask *ask, sr_buf *title, int64_t *existing, sr_err *err)
{
	title_state state;
	int64_t found = 0;

	if (title_base(ask, title) < 0)
		return sr_fail_nomem(err);
	state = title_look(ask, title->p, &found);
	if (state == TITLE_TAKEN && !ask->title) {
		sr_buf_printf(title, " (%lld)", (long long)ask->s->number);
		if (title->failed)
			return sr_fail_nomem(err);
		state = title_look(ask, title->p, &found);
	}
	if (state == TITLE_TAKEN)
		return sr_fail(err, SR_E_REJECTED, "a grading period \"%.100s\" exists with other dates", title->p);
	*existing = state == TITLE_SAME ? found : 0;
	return 0;
}
