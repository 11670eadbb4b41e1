/* What the services answer, and what stands in the configuration and the database. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/body.h"
#include "codec/config.h"
#include "codec/ps_codec.h"
#include "codec/sgy_codec.h"
#include "core/match.h"
#include "core/year.h"
#include "targets.h"

static const char *text_of(const uint8_t *data)
{
	return (const char *)data;
}

/* The first byte chooses, the rest is the body. */
static unsigned choose(const uint8_t **data, size_t *size, unsigned below)
{
	unsigned which = *size ? **data % below : 0;

	if (*size) {
		++*data;
		--*size;
	}
	return which;
}

/* ---- PowerSchool ---- */

static void packs_again(const sr_record *r, sr_arena *arena)
{
	sr_packed once, twice;
	sr_record back;

	FUZZ_LAW(sr_record_pack(r, arena, &once, NULL) == 0);
	FUZZ_LAW(sr_record_unpack(r->kind, once.bytes, once.len, arena, &back, NULL) == 0);
	FUZZ_LAW(sr_record_eq(r, &back));
	FUZZ_LAW(sr_record_pack(&back, arena, &twice, NULL) == 0);
	FUZZ_LAW(once.len == twice.len && memcmp(once.bytes, twice.bytes, once.len) == 0);
}

void fuzz_ps_rows(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_src kind = (sr_src)choose(&data, &size, SR_SRC_LEAD);
	int64_t before = 0;
	sr_ps_rows rows;

	if (sr_ps_rows_read(kind, text_of(data), size, 0, &arena, &rows, NULL) < 0)
		return;
	for (size_t i = 0; i < rows.count; i++) {
		FUZZ_LAW(rows.records[i].v[0].n > before); /* keys rise */
		before = rows.records[i].v[0].n;
		packs_again(&rows.records[i], &arena);
	}
	for (size_t i = 0; i < rows.bad; i++)
		FUZZ_LAW(rows.bad_paths[i] && *rows.bad_paths[i]);
}

void fuzz_ps_answers(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	const char *body = text_of(data);
	sr_ps_school *schools;
	sr_ps_refusal refusal;
	sr_ps_token token;
	sr_ps_pair *pairs;
	sr_ps_info info;
	size_t count, seen;
	int64_t n;

	if (sr_ps_schools_read(body, size, &arena, &schools, &count, &seen, NULL) == 0)
		FUZZ_LAW(count <= seen);
	if (sr_ps_info_read(body, size, &arena, &info, NULL) == 0)
		FUZZ_LAW(info.school_page_size > 0 && info.uuid && info.timezone);
	if (sr_ps_token_read(body, size, &arena, &token, NULL) == 0)
		FUZZ_LAW(token.text && *token.text && token.expires_in_s >= 0);
	if (sr_ps_count_read(body, size, &n, NULL) == 0)
		FUZZ_LAW(n >= 0);
	sr_ps_pairs_read(body, size, "a", "b", &arena, &pairs, &count, NULL);
	sr_ps_refusal_read(body, size, &arena, &refusal);
	FUZZ_LAW(refusal.message && strlen(refusal.message) < 4096);
}

void fuzz_packed(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	unsigned which = choose(&data, &size, SR_SRC_COUNT + SR_TGT_COUNT);
	const sr_kind *kind = which < SR_SRC_COUNT ? &sr_src_kinds[which] : &sr_tgt_kinds[which - SR_SRC_COUNT];
	sr_record r;

	if (sr_record_unpack(kind, data, size, &arena, &r, NULL) == 0)
		packs_again(&r, &arena);
}

/* ---- Schoology ---- */

void fuzz_sgy_lists(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_sgy_list list = { .kind = (sr_sgy_kind)choose(&data, &size, SR_SGY_KIND_COUNT) };
	union {
		sr_target_user user;
		sr_target_building building;
		sr_target_role role;
		sr_period period;
		sr_target_course course;
		sr_target_section section;
		sr_target_member member;
	} one;
	size_t got;

	if (sr_sgy_page_read(&list, text_of(data), size, &arena, &got, NULL) == 0) {
		size_t before = list.count;

		FUZZ_LAW(list.count <= list.seen);
		sr_sgy_list_finish(&list);
		FUZZ_LAW(list.count <= before);
	}
	sr_sgy_one_read(list.kind, text_of(data), size, &arena, &one, NULL);
}

#define ITEMS 3

/* Three objects of the stage, with keys that a body can name. */
static size_t items_of(sr_stage stage, sr_record *values, sr_write_item *items, sr_arena *arena)
{
	static const char *const keys[ITEMS] = { "k1", "k2", "k3" };
	sr_tgt kind = stage <= SR_SG_USER_UPDATE || stage == SR_SG_USER_INACTIVATE ? SR_TGT_USER
		      : stage <= SR_SG_COURSE_UPDATE                               ? SR_TGT_COURSE
		      : stage == SR_SG_SECTION_UPDATE                              ? SR_TGT_SECTION
										   : SR_TGT_MEMBERSHIP;

	for (size_t i = 0; i < ITEMS; i++) {
		sr_record_init(&values[i], &sr_tgt_kinds[kind]);
		if (!sr_record_set_text(&values[i], 0, keys[i], arena) ||
			(kind == SR_TGT_MEMBERSHIP && !sr_record_set_text(&values[i], SR_M_SCHOOL_UID, "u", arena)))
			return 0;
		items[i] = (sr_write_item){
			.kind = kind, .values = &values[i], .id = (int64_t)i + 1, .section_id = 9, .course = &values[i]
		};
	}
	return ITEMS;
}

void fuzz_sgy_results(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	sr_stage stage = (sr_stage)choose(&data, &size, SR_SG_COUNT);
	sr_item_result results[SR_BATCH_MAX] = { 0 };
	sr_write_item items[ITEMS];
	sr_record values[ITEMS];
	size_t count = items_of(stage, values, items, &arena);

	if (!count || sr_sgy_results_read(stage, items, count, text_of(data), size, &arena, results, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		FUZZ_LAW(results[i].end <= SR_ITEM_UNKNOWN);
		FUZZ_LAW(!results[i].message || !strchr(results[i].message, '@')); /* no address gets through */
		FUZZ_LAW(results[i].id >= 0);
	}
}

void fuzz_sgy_words(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_arena) arena = { 0 };
	char *text = sr_arena_alloc(&arena, size + 1);
	const char *fit = sr_sgy_redact(text_of(data), size, &arena), *words;
	int64_t newest = 0;

	for (; fit && *fit; fit++)
		FUZZ_LAW((unsigned char)*fit >= ' ' && *fit != '@' && *fit != 0x7f);
	sr_sgy_401_read(text_of(data), size, &newest);
	words = sr_body_words(text_of(data), size, 80, &arena);
	FUZZ_LAW(!words || strlen(words) <= 80);
	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	FUZZ_LAW(sr_sgy_id_in(text, "/users/") >= 0);
	FUZZ_LAW(sr_sgy_created_id(text_of(data), size, text, "/users/") >= 0);
}

/* ---- configuration and small texts ---- */

void fuzz_config(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_buf) problems = { 0 };
	sr_config *config = NULL;
	int fd = memfd_create("config", 0);
	char path[40];

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size) {
		int rc = sr_config_load(path, NULL, &config, &problems, NULL);

		FUZZ_LAW(rc == 0 ? config != NULL : problems.len > 0 || problems.failed);
		if (rc == 0)
			sr_config_free(config);
	}
	close(fd);
}

static const char *no_field(void *arg, const char *field)
{
	(void)arg;
	return *field == 'x' ? "X" : NULL;
}

void fuzz_texts(const uint8_t *data, size_t size)
{
	static const char *const fields[] = { "x", NULL };
	SR_AUTO(sr_arena) arena = { 0 };
	SR_AUTO(sr_buf) made = { 0 };
	char *text = sr_arena_alloc(&arena, size + 1);
	sr_yearid year;
	int64_t n;
	sr_day day;

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (sr_day_parse(text, &day) && day != SR_DAY_NONE) {
		char again[11];
		sr_day back;

		sr_day_print(day, again);
		FUZZ_LAW(sr_day_parse(again, &back) && back == day);
	}
	sr_parse_i64(text, &n);
	sr_year_parse(text, &year, NULL);
	if (sr_template_check(text, fields, NULL) == 0)
		sr_template_expand(text, no_field, NULL, &made);
	sr_key_fold(text);
}
