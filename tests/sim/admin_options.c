/* Options as rows: a name, a type and where the value goes. */
#include <string.h>

#include "admin_int.h"

int admin_parse_schools(const char *text, admin_schools *out, sr_err *err)
{
	SR_AUTO_FREE char *copy = sr_strdup(text);
	char *save = NULL;

	if (!copy)
		return sr_fail_nomem(err);
	for (char *part = strtok_r(copy, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
		sim_verify_school s = { 0 };
		char *year = strchr(part, ':');
		if (year)
			*year++ = '\0';
		if (!sr_parse_i64(part, &s.number) || (year && !sim_year_parse(year, &s.yearid)))
			return sr_fail(err, SR_E_INVALID, "%s is not a list SCHOOL[:YEAR],...", text);
		if (out->count == ADMIN_SCHOOLS_MAX)
			return sr_fail(err, SR_E_LIMIT, "at most %d schools", ADMIN_SCHOOLS_MAX);
		out->list[out->count++] = s;
	}
	return 0;
}

int admin_schools_there(sim_admin *a, const admin_schools *schools, sr_err *err)
{
	for (size_t i = 0; i < schools->count; i++)
		if (sim_school_there(a->world->db, schools->list[i].number, err))
			return -1;
	return 0;
}

static int store(const admin_option *o, const char *value, void *at, sr_err *err)
{
	int64_t n;
	bool ok = true;

	switch (o->type) {
	case 's':
		return admin_parse_schools(value, at, err);
	case 't':
		*(const char **)at = value;
		break;
	case 'y':
		ok = sim_year_parse(value, at);
		break;
	case 'd':
		ok = sim_day_parse(value, at);
		break;
	default:
		ok = sr_parse_i64(value, &n) && n >= 0 && (o->type == 'i' || n < INT_MAX);
		if (ok && o->type == 'i')
			*(int64_t *)at = n;
		else if (ok)
			*(int *)at = (int)n;
	}
	return ok ? 0 : sr_fail(err, SR_E_INVALID, "%s: %s is no good value", o->name, value);
}

static const admin_option *find(const admin_option *options, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (sr_streq(options[i].name, name))
			return &options[i];
	return NULL;
}

int admin_parse(int argc, const char *const *argv, const admin_option *options, size_t count, void *into,
	const char **rest, size_t *rest_count, size_t rest_max, sr_err *err)
{
	size_t others = 0;

	for (int i = 1; i < argc; i++) {
		const admin_option *o = find(options, count, argv[i]);
		if (!o && argv[i][0] == '-')
			return sr_fail(err, SR_E_INVALID, "unknown option %s", argv[i]);
		if (!o && others == rest_max)
			return sr_fail(err, SR_E_INVALID, "one argument too many: %s", argv[i]);
		if (!o) {
			rest[others++] = argv[i];
			continue;
		}
		if (o->type == 'f') {
			*(bool *)(void *)((char *)into + o->at) = true;
			continue;
		}
		if (i + 1 == argc)
			return sr_fail(err, SR_E_INVALID, "%s needs a value", o->name);
		if (store(o, argv[++i], (char *)into + o->at, err))
			return -1;
	}
	if (rest_count)
		*rest_count = others;
	return 0;
}
