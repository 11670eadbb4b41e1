/* What alert.c and alert_rules.c share: a rule looks at one school, or at the district, and says what it finds.
 * Never included by the rest of the engine. */
#pragma once
#include "engine/engine_priv.h"
#include "io/store_alert.h"

typedef struct sr_alert_look {
	sr_engine *e;
	sr_school *s; /* NULL: the district */
	sr_txn *t;    /* reading */
	sr_arena *arena;
	sr_day today;
	int64_t now_ms;
	int64_t acting_known; /* the account that the district took as the acting user; 0: none yet */
	const sr_alert_row *known;
	size_t known_count;
} sr_alert_look;

typedef struct sr_alert_finding {
	bool stands;
	bool unknown; /* nothing can be said now: what was told stays as it is */
	int64_t step; /* of the same matter; a change is told again */
	char text[400];
} sr_alert_finding;

typedef struct sr_alert_rule {
	const char *code;
	bool of_district, of_school;
	int (*find)(const sr_alert_look *l, size_t rule, sr_alert_finding *out, sr_err *err);
	const char *over; /* the all-clear */
} sr_alert_rule;

#define SR_ALERT_RULES (SR_BL_COUNT + 7) /* every block, and seven more */
void sr_alert_rule_get(size_t rule, sr_alert_rule *out);
/* NULL: `code` stands for nothing that was told. */
const sr_alert_row *sr_alert_known(const sr_alert_look *l, const char *code);

#define SR_ALERT_ACTING_CHANGED "acting-user-changed"
/* After so long the new account counts as the district's own. */
#define SR_ALERT_NEWS_MS (7 * 24 * 3600 * 1000LL)

/* The school year that a first or last day of school belongs to, whatever month it falls in. */
sr_yearid sr_calendar_year(sr_day day, bool is_first);
