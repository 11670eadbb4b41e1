/* Paths to handlers: one table of rows, tried in order. Literal segments match in any case and in
 * the singular too ("section/1/enrollments", "gradingPeriods"), as the live service takes them. */
#include <string.h>
#include <strings.h>

#include "sgy_int.h"

typedef enum access {
	OWN,    /* a key that reads only its owner may, for the owner's id */
	MEMBER, /* any active user, within his scope */
	ADMIN   /* an active administrator */
} access;

#define NEEDS_BODY 1u
#define IN_MULTIGET 2u

typedef struct route {
	const char *method, *path; /* :id and :id2 are numbers, :text is anything */
	access access;
	unsigned flags;
	void (*handle)(sgy_call *call);
} route;

/* clang-format off */
static const route routes[] = {
	{ "GET",    "oauth/request_token",               OWN,    0,           sgy_request_token },
	{ "POST",   "oauth/request_token",               OWN,    0,           sgy_request_token },
	{ "GET",    "oauth/access_token",                OWN,    0,           sgy_access_token },
	{ "POST",   "oauth/access_token",                OWN,    0,           sgy_access_token },
	{ "GET",    "users/me",                          OWN,    0,           sgy_me },
	{ "GET",    "app-user-info",                     OWN,    0,           sgy_app_user_info },
	{ "GET",    "users/ext/:text",                   MEMBER, IN_MULTIGET, sgy_user_ext },
	{ "GET",    "users/inactive",                    ADMIN,  0,           sgy_inactive_get },
	{ "GET",    "users/inactive/:id",                ADMIN,  0,           sgy_inactive_one },
	{ "POST",   "users/import/associations/parents", ADMIN,  NEEDS_BODY,  sgy_import_parents },
	{ "POST",   "users/import/associations/advisors", ADMIN, NEEDS_BODY,  sgy_import_advisors },
	{ "PUT",    "users/reactivate",                  ADMIN,  NEEDS_BODY,  sgy_users_reactivate },
	{ "GET",    "users",                             MEMBER, 0,           sgy_users_get },
	{ "POST",   "users",                             ADMIN,  NEEDS_BODY,  sgy_users_post },
	{ "PUT",    "users",                             ADMIN,  NEEDS_BODY,  sgy_users_put },
	{ "DELETE", "users",                             ADMIN,  0,           sgy_users_delete },
	{ "GET",    "users/:id",                         OWN,    IN_MULTIGET, sgy_user_get },
	{ "PUT",    "users/:id",                         ADMIN,  NEEDS_BODY,  sgy_user_put },
	{ "DELETE", "users/:id",                         ADMIN,  0,           sgy_user_delete },
	{ "GET",    "users/:id/sections",                OWN,    IN_MULTIGET, sgy_user_sections },
	{ "GET",    "csvexport/users",                   ADMIN,  0,           sgy_users_csv },
	{ "GET",    "roles",                             MEMBER, 0,           sgy_roles_get },
	{ "GET",    "roles/:id",                         MEMBER, 0,           sgy_role_get },
	{ "GET",    "schools",                           MEMBER, 0,           sgy_schools_get },
	{ "GET",    "schools/:id",                       MEMBER, 0,           sgy_school_get },
	{ "PUT",    "schools/:id",                       ADMIN,  NEEDS_BODY,  sgy_school_put },
	{ "DELETE", "schools/:id",                       ADMIN,  0,           sgy_school_delete },
	{ "GET",    "schools/:id/buildings",             MEMBER, 0,           sgy_buildings_get },
	{ "POST",   "schools/:id/buildings",             ADMIN,  NEEDS_BODY,  sgy_buildings_post },
	{ "GET",    "courses",                           MEMBER, 0,           sgy_courses_get },
	{ "POST",   "courses",                           ADMIN,  NEEDS_BODY,  sgy_courses_post },
	{ "PUT",    "courses",                           ADMIN,  NEEDS_BODY,  sgy_courses_put },
	{ "DELETE", "courses",                           ADMIN,  0,           sgy_courses_delete },
	{ "GET",    "courses/:id",                       MEMBER, IN_MULTIGET, sgy_course_get },
	{ "PUT",    "courses/:id",                       ADMIN,  NEEDS_BODY,  sgy_course_put },
	{ "DELETE", "courses/:id",                       ADMIN,  0,           sgy_course_delete },
	{ "GET",    "courses/:id/sections",              MEMBER, IN_MULTIGET, sgy_course_sections },
	{ "POST",   "courses/:id/sections",              ADMIN,  NEEDS_BODY,  sgy_sections_post },
	{ "GET",    "sections/ext/:text",                MEMBER, IN_MULTIGET, sgy_section_ext },
	{ "POST",   "sections/copy",                     ADMIN,  NEEDS_BODY,  sgy_sections_copy },
	{ "GET",    "sections",                          MEMBER, 0,           sgy_sections_get },
	{ "PUT",    "sections",                          ADMIN,  NEEDS_BODY,  sgy_sections_put },
	{ "DELETE", "sections",                          ADMIN,  0,           sgy_sections_delete },
	{ "GET",    "sections/:id",                      MEMBER, IN_MULTIGET, sgy_section_get },
	{ "PUT",    "sections/:id",                      ADMIN,  NEEDS_BODY,  sgy_section_put },
	{ "DELETE", "sections/:id",                      ADMIN,  0,           sgy_section_delete },
	{ "GET",    "sections/:id/grading_periods",      MEMBER, 0,           sgy_section_periods },
	{ "GET",    "sections/:id/enrollments",          MEMBER, IN_MULTIGET, sgy_enrollments_get },
	{ "POST",   "sections/:id/enrollments",          ADMIN,  NEEDS_BODY,  sgy_enrollments_post },
	{ "PUT",    "sections/:id/enrollments",          ADMIN,  NEEDS_BODY,  sgy_enrollments_put },
	{ "GET",    "sections/:id/enrollments/:id2",     MEMBER, 0,           sgy_enrollment_get },
	{ "PUT",    "sections/:id/enrollments/:id2",     ADMIN,  NEEDS_BODY,  sgy_enrollment_put },
	{ "DELETE", "sections/:id/enrollments/:id2",     ADMIN,  0,           sgy_enrollment_delete },
	{ "POST",   "enrollments/import/course",         ADMIN,  NEEDS_BODY,  sgy_enrollments_import },
	{ "POST",   "enrollments/import/course/:text",   ADMIN,  NEEDS_BODY,  sgy_enrollments_import_gp },
	{ "POST",   "enrollments",                       ADMIN,  NEEDS_BODY,  sgy_enrollments_realm },
	{ "DELETE", "enrollments",                       ADMIN,  0,           sgy_enrollments_delete },
	{ "GET",    "gradingperiods",                    ADMIN,  0,           sgy_periods_get },
	{ "POST",   "gradingperiods",                    ADMIN,  NEEDS_BODY,  sgy_periods_post },
	{ "GET",    "gradingperiods/:id",                ADMIN,  0,           sgy_period_get },
	{ "PUT",    "gradingperiods/:id",                ADMIN,  NEEDS_BODY,  sgy_period_put },
	{ "DELETE", "gradingperiods/:id",                ADMIN,  0,           sgy_period_delete },
	{ "POST",   "multiget",                          MEMBER, NEEDS_BODY,  sgy_multiget },
};
/* clang-format on */

static bool literal_matches(const char *pattern, size_t len, const char *segment)
{
	size_t given = strlen(segment);

	if (given != len && !(given + 1 == len && pattern[len - 1] == 's'))
		return false;
	return !strncasecmp(pattern, segment, given);
}

static bool segment_matches(sgy_call *call, const char *pattern, size_t len, const char *segment)
{
	int64_t *number = len == 3 && !memcmp(pattern, ":id", 3)    ? &call->id
			  : len == 4 && !memcmp(pattern, ":id2", 4) ? &call->id2
								    : NULL;

	if (number)
		return sr_parse_i64(segment, number) && *number >= 0;
	if (len != 5 || memcmp(pattern, ":text", 5))
		return literal_matches(pattern, len, segment);
	call->text = segment;
	return true;
}

static bool path_matches(sgy_call *call, const char *pattern)
{
	for (size_t i = 0; i < call->segment_count; i++) {
		size_t len = strcspn(pattern, "/");
		if (len == 0 || !segment_matches(call, pattern, len, call->segments[i]))
			return false;
		pattern += len + (pattern[len] == '/');
	}
	return *pattern == '\0';
}

/* *known: whether the path exists at all. NULL: this method does not. */
static const route *find_route(sgy_call *call, bool *known)
{
	*known = false;
	for (size_t i = 0; i < SR_COUNT_OF(routes); i++) {
		call->id = call->id2 = 0;
		call->text = NULL;
		if (!path_matches(call, routes[i].path))
			continue;
		*known = true;
		if (!strcmp(routes[i].method, call->request->method))
			return &routes[i];
	}
	return NULL;
}

static bool may(sgy_call *call, const route *r)
{
	bool own = r->access == OWN && (call->id == 0 || call->id == call->uid);

	if (!call->sees_all && !own)
		sgy_reply_text(call, 401, "This API key may only be used to access the data of its own user.");
	else if ((r->access == ADMIN && !call->admin) || (!call->active && !own))
		sgy_reply_text(call, 403, "Access denied.");
	else
		return true;
	return false;
}

/* OPTIONS of any path: the methods it has. */
static void reply_options(sgy_call *call)
{
	SR_AUTO(sr_buf) methods = { 0 };

	for (size_t i = 0; i < SR_COUNT_OF(routes); i++)
		if (path_matches(call, routes[i].path))
			sr_buf_printf(&methods, "%s, ", routes[i].method);
	sr_buf_puts(&methods, "OPTIONS");
	sgy_reply_empty(call, 200);
	sim_reply_header(call->reply, "Allow", sgy_printf(call, "%s", sr_buf_text(&methods)));
}

void sgy_dispatch(sgy_call *call)
{
	bool known;
	const route *r = find_route(call, &known);

	if (known && !strcmp(call->request->method, "OPTIONS"))
		reply_options(call);
	else if (!known)
		sgy_reply_text(call, 404, "Not found.");
	else if (!r)
		sgy_reply_text(call, 405, "Method not allowed.");
	else if (!may(call, r))
		return;
	else if ((r->flags & NEEDS_BODY) && !json_is_object(call->body))
		sgy_reply_text(call, 400, "The body is not an object in its Content-Type.");
	else if (call->nested && !(r->flags & IN_MULTIGET))
		sgy_reply_text(call, 400, "This path cannot be asked for in a multiget.");
	else
		r->handle(call);
}
