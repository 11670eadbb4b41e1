/* The switches of the Schoology stand-in: one row a fact that the contract leaves open, or that the
 * live service does in turns. A value that begins with a letter stands for its place in the list;
 * every other value is a number. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "sgy_int.h"

const sim_sgy_options sim_sgy_defaults = {
	.item_message = 1,
	.bulk_put_status = 207,
	.burn_nonce = 1,
	.nonce_expiry = 1,
	.skew_s = 600,
	.web_session = 1,
	.token_days = 90,
	.list_total = 1,
	.list_links = 1,
	.limiter = SIM_SGY_LIMIT_SLIDING,
	.credits = 50,
	.window_ms = 5000,
	.read_cost = 1,
	.write_cost = 3,
	.retry_after = 1,
	.over_budget = 429,
	.school_uid_filter = 1,
	.ext_missing_code = 404,
	.scoped_periods = 1,
	.delete_nonmember_code = 404,
};

/* clang-format off */
/* name, least, most, section of the contract, values, default, help */
#define QUIRKS(X)                                                                                                    \
	X(default_format, 0, 1, "1", "json|xml", "json", "the format where neither Accept nor Content-Type says it") \
	X(error_body, 0, 2, "1", "text|error|message", "text", "a single refusal: plain text, or JSON with that key") \
	X(post_body, 0, 1, "1", "object|empty", "object", "what a single POST answers under 201")                    \
	X(item_message, 0, 1, "1", "0|1", "1", "failing bulk items carry a message")                                 \
	X(bulk_put_status, 200, 207, "1", "200|207", "207", "status of a bulk PUT")                                  \
	X(number_types, 0, 2, "12", "documented|text|number", "documented", "ids, counts and flags in answers")      \
	X(burn_nonce, 0, 1, "2", "0|1", "1", "a request with a bad signature uses up its nonce")                     \
	X(nonce_expiry, 0, 1, "2", "0|1", "1", "nonces older than the skew are forgotten")                           \
	X(nonce_text, 0, 1, "2", "two|one", "two", "spaces inside the text that refuses a nonce used twice")         \
	X(skew_s, 0, 86400, "2", "seconds", "600", "how far a timestamp may lie behind the newest seen")             \
	X(inactive_key_401, 0, 1, "2", "0|1", "0", "the key of an inactive user gets 401; 0: users/me leads to 404") \
	X(web_session, 0, 1, "3", "0|1", "1", "the key's owner has a web session, as app-user-info wants; 0: 403")   \
	X(token_days, 1, 3650, "11, vendor-app.md 6", "days", "90", "life of a three-legged access token")                  \
	X(limit_over_error, 0, 1, "4", "0|1", "0", "limit above 200 is a 400; 0: it is taken as 200")                \
	X(next_drops_filters, 0, 1, "4", "0|1", "0", "links.next carries start and limit only")                      \
	X(list_total, 0, 1, "4", "0|1", "1", "lists say their total")                                                \
	X(list_links, 0, 1, "4", "0|1", "1", "lists have links")                                                     \
	X(empty_list, 0, 2, "12", "array|missing|blank", "array", "an empty list: [], no key at all, or [\"\"]")     \
	X(single_row, 0, 1, "12", "array|object", "array", "a list of one: an array, or the object itself")          \
	X(page_order, 0, 1, "4", "id|reversed", "id", "order of the rows inside one page")                           \
	X(small_lists_paged, 0, 1, "4", "0|1", "0", "roles and buildings come in pages too")                         \
	X(limiter, 0, SIM_SGY_LIMIT_COUNT - 1, "11", "none|fixed|sliding|bucket", "sliding", "how the budget counts") \
	X(credits, 1, 1000000, "11", "credits", "50", "budget of a window")                                          \
	X(window_ms, 1, 3600000, "11", "milliseconds", "5000", "length of a window")                                 \
	X(read_cost, 0, 1000, "11", "credits", "1", "cost of GET, OPTIONS and HEAD")                                 \
	X(write_cost, 0, 1000, "11", "credits", "3", "cost of POST, PUT and DELETE")                                 \
	X(retry_after, 0, 1, "11", "0|1", "1", "a refusal over budget says Retry-After")                             \
	X(over_budget, 200, 503, "11", "429|503|200", "429", "status over budget; 200 is an HTML page")              \
	X(rate_scope, 0, 1, "11, vendor-app.md 6", "key|all", "key", "whose requests share one budget")                     \
	X(multiget_cost, 0, 1, "11", "call|item", "call", "a multiget costs one POST, or one GET a path")            \
	X(bulk_over, 0, 1, "11", "error|cut", "error", "more than 50 items: 400, or the rest is left out")           \
	X(batch_order, 0, 1, "10", "given|reversed", "given", "order in which the items of a bulk call are done")    \
	X(answer_order, 0, 1, "6", "given|reversed", "given", "order of a bulk call's answers")                      \
	X(batch_duplicate, 0, 1, "6", "update|error", "update", "a school_uid twice in one POST users")              \
	X(inactive_match, 0, SIM_SGY_INACTIVE_COUNT - 1, "6", "error|reactivate|duplicate", "error",                 \
	  "POST users with the school_uid of an inactive user")                                                      \
	X(upsert_clears, 0, 1, "6", "0|1", "0", "update_existing blanks what an item leaves out")                    \
	X(uid_case, 0, 1, "6", "exact|fold", "exact", "whether case counts in school_uid")                           \
	X(school_uid_filter, 0, 1, "6", "0|1", "1", "GET users knows school_uid= in the singular")                   \
	X(ext_missing_code, 400, 499, "6", "status", "404", "users/ext and sections/ext of an unknown id")           \
	X(inactive_members, 0, 1, "6", "hidden|listed", "hidden", "kept memberships of an inactive user")            \
	X(building_delete, 0, 1, "5", "refuse|move", "refuse", "DELETE of a building in use: 400, or moved to the school") \
	X(scoped_periods, 0, 1, "8", "0|1", "1", "administrators of one building may use grading periods")           \
	X(section_ext, 0, 1, "2", "redirect|object", "redirect", "sections/ext: a 303, or the section itself")       \
	X(section_match, 0, 1, "9", "both|section_code", "both", "what POST courses/{id}/sections matches by")       \
	X(reused_code, 0, 1, "13", "move|refuse", "move", "a section_school_code sent again with other periods")     \
	X(nested_sections_max, 0, 1000, "7", "number", "0", "sections inside one course of POST courses; 0: no limit") \
	X(zero_period, 0, 1, "9", "0|1", "0", "sections come back with a grading period 0 as well")                  \
	X(utc_offset_min, -900, 900, "9", "minutes", "0", "where the organisation's midnight lies")                  \
	X(archive_after_h, 0, 30, "9", "hours", "0", "when after its last day a section leaves the lists; live: 24 to 30") \
	X(future_hidden, 0, 1, "9", "0|1", "0", "sections not yet begun need include_past too")                      \
	X(past_put_refused, 0, 1, "9", "0|1", "0", "PUT of a past section fails")                                    \
	X(enrollments_active, 0, 1, "10", "0|1", "0", "no enrollment_status filter means 1; 0: all")                 \
	X(past_import_refused, 0, 1, "9", "0|1", "0", "import rows for past sections fail")                          \
	X(past_members_expire, 0, 1, "10", "0|1", "0", "active members of past sections show status 2")              \
	X(delete_nonmember_code, 200, 499, "10", "status", "404", "item code when an import deletes who is not there") \
	X(readd_keeps_status, 0, 1, "10", "0|1", "0", "importing an archived member leaves his status")              \
	X(import_status, 0, 1, "10", "ignored|honoured", "ignored", "status in import rows")                         \
	X(import_delete_grades, 0, 1, "10", "keep|destroy", "keep", "what delete in an import does to grades")

#define AS_QUIRK(name, least, most, section, values, standard, help)                                                 \
	{ #name, "schoology.md " section, values, standard, help },
#define AS_PLACE(name, least, most, section, values, standard, help)                                                 \
	{ offsetof(sim_sgy_options, name), least, most },
static const sim_quirk_row quirk_rows[] = { QUIRKS(AS_QUIRK) };
static const struct { size_t offset; int least, most; } places[] = { QUIRKS(AS_PLACE) };
/* clang-format on */

const sim_quirk_row *sim_sgy_quirks_table(size_t *count)
{
	*count = SR_COUNT_OF(quirk_rows);
	return quirk_rows;
}

/* Where `value` stands in "a|b|c"; -1: nowhere. */
static int word_index(const char *words, const char *value)
{
	size_t len = strlen(value);

	for (int i = 0;; i++) {
		size_t n = strcspn(words, "|");
		if (n == len && !memcmp(words, value, n))
			return i;
		if (!words[n])
			return -1;
		words += n + 1;
	}
}

static bool quirk_value(size_t row, const char *text, int64_t *out)
{
	const char *values = quirk_rows[row].values;
	bool listed = strchr(values, '|') != NULL;
	int index = listed ? word_index(values, text) : -1;

	if (index >= 0 && isalpha((unsigned char)*values)) {
		*out = index;
		return true;
	}
	if (listed && !isalpha((unsigned char)*values) && index < 0)
		return false;
	return sr_parse_i64(text, out) && *out >= places[row].least && *out <= places[row].most;
}

int sim_sgy_option_set(sim_sgy_options *options, const char *name, const char *value, sr_err *err)
{
	for (size_t i = 0; i < SR_COUNT_OF(quirk_rows); i++) {
		int64_t n;

		if (strcmp(quirk_rows[i].name, name))
			continue;
		if (!quirk_value(i, value, &n))
			return sr_fail(err, SR_E_RANGE, "schoology option %s: %s, %d to %d", name, quirk_rows[i].values,
				places[i].least, places[i].most);
		*(int *)(void *)((char *)options + places[i].offset) = (int)n;
		return 0;
	}
	return sr_fail(err, SR_E_INVALID, "no schoology option is called %s", name);
}
