/* The forms of answers: refusals with their own texts, rows of results, values as the wire writes them. */
#include "engine/cmd_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- Texts --- */

/* A text cut in the midst of a character loses that character; anything worse loses all that is not ASCII. */
static void text_mend(char *s)
{
	size_t len = strlen(s);

	for (size_t cut = 0; cut <= 3 && cut <= len; cut++)
		if (sr_utf8_valid(s, len - cut)) {
			s[len - cut] = '\0';
			return;
		}
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			*s = '?';
}

json_t *sr_text_json(const char *text)
{
	SR_AUTO_FREE char *copy = NULL;

	if (!text)
		return json_null();
	if (sr_utf8_valid(text, strlen(text)))
		return json_string(text);
	copy = sr_strdup(text);
	if (!copy)
		return NULL;
	text_mend(copy);
	return json_string(copy);
}

void sr_put_text(sr_json_obj *o, const char *key, const char *text)
{
	sr_json_put(o, key, sr_text_json(text));
}

/* libc's zone is the district's: the daemon sets it (daemon/today.c). */
const char *sr_when(int64_t ms, char out[SR_WHEN_BYTES])
{
	time_t seconds = (time_t)(ms / 1000);
	size_t len;
	struct tm tm;

	localtime_r(&seconds, &tm);
	len = strftime(out, SR_WHEN_BYTES, "%Y-%m-%dT%H:%M:%S%z", &tm);
	if (len < 5 || len + 2 > SR_WHEN_BYTES)
		return out;
	memmove(out + len - 1, out + len - 2, 3); /* +0200 -> +02:00 */
	out[len - 2] = ':';
	return out;
}

void sr_put_when(sr_json_obj *o, const char *key, int64_t ms)
{
	char text[SR_WHEN_BYTES];

	sr_json_put_text(o, key, ms ? sr_when(ms, text) : NULL);
}

void sr_put_day(sr_json_obj *o, const char *key, sr_day day)
{
	char text[11];

	sr_day_print(day, text);
	sr_json_put_text(o, key, text);
}

void sr_put_year(sr_json_obj *o, const char *key, sr_yearid year)
{
	char text[SR_YEAR_LABEL_BYTES];

	sr_json_put_text(o, key, year ? sr_year_print(year, text) : NULL);
}

void sr_put_school(sr_json_obj *o, const sr_school *s)
{
	sr_json_put_int(o, "school", s->number);
	sr_put_text(o, "name", s->row.name ? s->row.name : "");
}

void sr_list_add(sr_call *c, json_t *list, json_t *stolen)
{
	if (!stolen || json_array_append_new(list, stolen) != 0)
		c->failed = true;
}

json_t *sr_value_json(const sr_field *field, const sr_value *value)
{
	char day[11];

	if (!value->set)
		return json_null();
	if (field->type == SR_T_TEXT)
		return sr_text_json(value->s);
	if (field->type == SR_T_INT)
		return json_integer(value->n);
	sr_day_print((sr_day)value->n, day);
	return json_string(day);
}

json_t *sr_record_values(const sr_record *record)
{
	sr_json_obj o = sr_json_obj_new();

	for (size_t i = 0; i < record->kind->count; i++)
		if (record->v[i].set)
			sr_json_put(&o, record->kind->fields[i].name,
				sr_value_json(&record->kind->fields[i], &record->v[i]));
	return sr_json_obj_take(&o);
}

void sr_packed_values(const sr_kind *kind, const sr_packed *packed, sr_arena *a, sr_record *out)
{
	sr_record_init(out, kind);
	if (packed->len && sr_record_unpack(kind, packed->bytes, packed->len, a, out, NULL) < 0)
		sr_record_init(out, kind);
}

json_t *sr_terms_periods(const sr_term_use *use)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < use->period_count; i++) {
		sr_json_obj o = sr_json_obj_new();

		sr_json_put_int(&o, "id", use->periods[i]->id);
		sr_put_text(&o, "title", use->periods[i]->title);
		json_array_append_new(list, sr_json_obj_take(&o));
	}
	return list;
}

/* --- Refusals --- */

sr_no *sr_no_init(sr_no *no, sr_code code, const char *fmt, ...)
{
	va_list ap;

	*no = (sr_no){ .refusal = { .code = code } };
	va_start(ap, fmt);
	vsnprintf(no->what, sizeof(no->what), fmt, ap);
	va_end(ap);
	text_mend(no->what);
	return no;
}

void sr_no_todo(sr_no *no, const char *fmt, ...)
{
	va_list ap;

	if (no->todos == SR_ADVICE_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(no->todo[no->todos], sizeof(no->todo[0]), fmt, ap);
	va_end(ap);
	text_mend(no->todo[no->todos++]);
}

/* The texts lie in `no` itself, which the caller may have copied meanwhile: pointers are set last. */
static const sr_refusal *no_refusal(sr_no *no)
{
	no->refusal.what = no->what;
	no->refusal.untouched = *no->untouched ? no->untouched : NULL;
	for (size_t i = 0; i < no->todos; i++)
		no->refusal.todo[i] = no->todo[i];
	return &no->refusal;
}

void sr_call_refuse_no(sr_call *c, sr_no *no)
{
	if (no->todos == 0 && no->refusal.code == SR_CODE_INVALID)
		sr_no_todo(no, "sisrollctl %s --help", c->command->verb);
	sr_call_refuse(c, no_refusal(no));
}

/* --- Results --- */

static json_t *result_add(sr_call *c, const sr_school *s, bool noop)
{
	sr_json_obj o = sr_json_obj_new();
	json_t *row;

	sr_put_school(&o, s);
	sr_json_put_bool(&o, "done", true);
	sr_json_put_bool(&o, "noop", noop);
	sr_json_put_text(&o, "phase", sr_phase_name(s->row.state.phase));
	row = sr_json_obj_take(&o);
	sr_list_add(c, c->results, row);
	return row;
}

json_t *sr_result_done(sr_call *c, const sr_school *s, bool noop, const char *why)
{
	json_t *row = result_add(c, s, noop);

	if (row && why && json_object_set_new(row, "why", sr_text_json(why)) != 0)
		c->failed = true;
	return row;
}

json_t *sr_result_refused(sr_call *c, const sr_school *s, sr_no *no)
{
	json_t *row = result_add(c, s, false);
	char title[120];

	if (!*no->untouched) {
		sr_school_title(s, title, sizeof(title));
		snprintf(no->untouched, sizeof(no->untouched), "Nothing was changed; %s stays in %s.", title,
			sr_phase_name(s->row.state.phase));
		text_mend(no->untouched);
	}
	if (row && !sr_refusal_into(no_refusal(no), row))
		c->failed = true;
	return row;
}

bool sr_result_unsynced(sr_call *c, const sr_pick *pick)
{
	sr_no no;

	if (pick->s->config.sync)
		return false;
	sr_no_init(&no, SR_CODE_NOT_SYNCED, "the configuration does not sync this school");
	sr_no_todo(&no, "Set sync = yes in [school %lld], then: systemctl reload sisrolld", (long long)pick->s->number);
	sr_result_refused(c, pick->s, &no);
	return true;
}

void sr_result_failed(sr_call *c, const sr_school *s, const sr_err *err)
{
	sr_no no;

	sr_no_init(&no, err->code == SR_E_DB ? SR_CODE_DATABASE : SR_CODE_INTERNAL, "%s", err->text);
	sr_result_refused(c, s, &no);
}

json_t *sr_results_take(sr_call *c)
{
	return SR_TAKE(c->results);
}

void sr_call_results(sr_call *c)
{
	sr_call_done(c, json_pack("{s:o}", "results", sr_results_take(c)));
}
