/* Figures of a school and year: sections, students, memberships by grade and subject; and whether this year's can
 * be true beside last year's. Never counts rows itself, never asks where a subject comes from. DESIGN section 2. */
#pragma once
#include "base/str.h"
#include "core/model.h"

#define SR_FIGURE_SCHOOL 1000 /* as a grade: the whole school */
#define SR_FIGURE_ALL "*"     /* as a subject: all of them */
#define SR_FIGURE_SUBJECT_BYTES 40

typedef struct sr_figure {
	int64_t grade;
	const char *subject; /* "": not known */
	int64_t sections;    /* with at least one member of the grade */
	int64_t students;    /* 0 for a single subject: not counted */
	int64_t memberships;
} sr_figure;

/* One membership of a student. */
typedef struct sr_figure_member {
	int64_t grade, section;
	const char *subject; /* borrowed */
} sr_figure_member;

/* By (grade, subject) for every pair, (grade, *) for every grade. `members` is sorted anew. The arena owns the
 * list, not the subjects. Students are left 0, for they are not known here. */
int sr_figures_make(
	sr_figure_member *members, size_t count, sr_arena *a, sr_figure **out, size_t *out_count, sr_err *err);

const sr_figure *sr_figure_find(const sr_figure *rows, size_t count, int64_t grade, const char *subject); /* NULL */

typedef struct sr_figure_ask {
	const sr_figure *last, *now; /* last year's, this year's */
	size_t last_count, now_count;
	int64_t percent; /* less than this share of last year's is too little */
} sr_figure_ask;

#define SR_FIGURE_MIN 10 /* a grade with fewer students last year says nothing by its share */

/* How many things are missing; each as one sentence into `out`, the gravest first: the school, its grades, a
 * grade's subjects. */
int sr_figures_missing(const sr_figure_ask *ask, sr_buf *out);
