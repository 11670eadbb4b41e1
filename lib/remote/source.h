/* What the engine asks of the system that rosters come from, whoever answers.
 * Never writes. Every call is asynchronous: the callback comes later, exactly once, never from
 * inside the call; all it is given is borrowed until it returns. `sr_source_cancel` forgets all
 * callbacks begun with an `arg`. */
#pragma once
#include "base/arena.h"
#include "core/model.h"
#include "core/term.h"

typedef struct sr_source_info {
	const char *district_uuid; /* "" if the server does not say */
	const char *version;
	const char *timezone; /* "" if unknown */
} sr_source_info;

typedef struct sr_source_school {
	int64_t number, dcid;
	const char *name;
} sr_source_school;

/* One page by key. `after` 0: the first. */
typedef struct sr_page_ask {
	sr_src kind;                     /* not LEAD */
	int64_t school;                  /* not for terms */
	int64_t termid_low, termid_high; /* terms: termid_low is the lowest yearid */
	int64_t after;
	int page_size;
} sr_page_ask;

typedef struct sr_page {
	const sr_record *records; /* keys strictly rise, all > after */
	const sr_packed *raw;     /* the record's bytes as received, for the fingerprint */
	size_t count;
	bool last;        /* the page was short */
	int64_t last_key; /* the highest key seen, readable or not: `after` of the next page */
	size_t bad;       /* records that could not be read: `bad_paths[i]`, without contents */
	const char *const *bad_paths;
	const int64_t *bad_keys; /* 0: not even the key */
} sr_page;

/* The subject of a course, by its number. */
typedef struct sr_course_subject {
	const char *course_number, *subject; /* never empty */
} sr_course_subject;
typedef struct sr_subject_page {
	bool ok; /* false: may not be read */
	const sr_course_subject *rows;
	size_t count;
	bool last;
	int64_t last_key;
} sr_subject_page;

typedef struct sr_source sr_source;
struct sr_source {
	void *self;
	void (*info)(sr_source *s, void (*fn)(void *arg, const sr_source_info *info, const sr_err *err), void *arg);
	void (*schools)(sr_source *s,
		void (*fn)(void *arg, const sr_source_school *rows, size_t count, const sr_err *err), void *arg);
	void (*page)(sr_source *s, const sr_page_ask *ask,
		void (*fn)(void *arg, const sr_page *page, const sr_err *err), void *arg);
	/* Rows that `ask` (after, page_size ignored) would bring in all; -1: this server does not count. */
	void (*count)(sr_source *s, const sr_page_ask *ask, void (*fn)(void *arg, int64_t count, const sr_err *err),
		void *arg);
	/* ROLEDEF, an optional grant: `ok` false and no error when it may not be read. */
	void (*roles)(sr_source *s,
		void (*fn)(void *arg, bool ok, const int64_t *ids, const char *const *keys, size_t count,
			const sr_err *err),
		void *arg);
	/* PREFS.coursearchiveyear, an optional grant: 0 when unknown. */
	void (*current_year)(sr_source *s, void (*fn)(void *arg, sr_yearid year, const sr_err *err), void *arg);
	void (*cancel)(sr_source *s, void *arg);
	/* Subjects of a school's courses, an optional grant: `ok` false and no error when it may not be read. NULL: a
	 * source that does not know them. */
	void (*subjects)(sr_source *s, const sr_page_ask *ask,
		void (*fn)(void *arg, const sr_subject_page *page, const sr_err *err), void *arg);
};
