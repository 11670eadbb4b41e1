/* What every handler needs: parameters, headers, settings, answers. */
#include "ps_call.h"

#include <ctype.h>
#include <string.h>

/* ---- parameters ---- */

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent and plus, in place; a broken escape stays as it is. */
static void url_decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		int high = *s == '%' ? hex_digit(s[1]) : -1, low = high >= 0 ? hex_digit(s[2]) : -1;

		if (low >= 0) {
			*to++ = (char)(high * 16 + low);
			s += 2;
		} else {
			*to++ = *s == '+' ? ' ' : *s;
		}
	}
	*to = '\0';
}

static int param_add(sim_ps_call *c, const char *text, size_t len)
{
	char *name = sr_arena_strndup(&c->arena, text, len), *value;

	if (!name || c->param_count == SIM_PS_PARAMS_MAX)
		return -1;
	value = name + strcspn(name, "=");
	if (*value)
		*value++ = '\0';
	url_decode(name);
	url_decode(value);
	c->params[c->param_count++] = (sim_ps_param){ name, value };
	return 0;
}

int sim_ps_params_add(sim_ps_call *c, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '&', len);
		size_t part = end ? (size_t)(end - text) : len;

		if (part && param_add(c, text, part))
			return -1;
		part += end != NULL;
		text += part;
		len -= part;
	}
	return 0;
}

const char *sim_ps_param_get(const sim_ps_call *c, const char *name)
{
	for (size_t i = 0; i < c->param_count; i++) {
		if (!strcmp(c->params[i].name, name))
			return c->params[i].value;
	}
	return NULL;
}

int sim_ps_param_number(sim_ps_call *c, const char *name, int64_t min, int64_t otherwise, int64_t *out)
{
	const char *text = sim_ps_param_get(c, name);
	int64_t n = otherwise;

	if (text && (!sr_parse_i64(text, &n) || n < min || n > INT32_MAX)) {
		sim_ps_answer(c, 400,
			json_pack("{s:s, s:[{s:s, s:s}]}", "message", "Validation Failed", "errors", "field", name,
				"code", "invalid"));
		return -1;
	}
	*out = n;
	return 0;
}

/* Above the ceiling a page is clamped or refused: the contract leaves it open. */
int sim_ps_param_page(sim_ps_call *c, int64_t max, int64_t *limit, int64_t *offset)
{
	int64_t page, size;

	if (sim_ps_param_number(c, "page", 1, 1, &page) || sim_ps_param_number(c, "pagesize", 1, max, &size))
		return -1;
	if (size > max && c->ps->quirks.over_maximum_refused) {
		sim_ps_refuse(c, 400, "The page size is larger than the maximum of this plugin");
		return -1;
	}
	*limit = size > max ? max : size;
	*offset = (page - 1) * *limit;
	return 0;
}

bool sim_ps_in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t part, trimmed;

		list += strspn(list, " ");
		part = strcspn(list, ",");
		for (trimmed = part; trimmed && list[trimmed - 1] == ' ';)
			trimmed--;
		if (trimmed == len && !strncasecmp(list, word, len))
			return true;
		list += part + (list[part] == ',');
	}
	return false;
}

const char *sim_ps_header(const sim_ps_call *c, const char *name)
{
	for (size_t i = 0; i < c->request->header_count; i++) {
		if (sr_strcaseeq(c->request->headers[i].name, name))
			return c->request->headers[i].value;
	}
	return NULL;
}

/* ---- settings ---- */

int sim_ps_state_set(sim_world *w, const char *key, const char *value, sr_err *err)
{
	sqlite3_stmt *stmt = sim_world_take(w, value ? "insert or replace into sim_ps_state(key, value) values(?1, ?2)"
						     : "delete from sim_ps_state where key = ?1");
	int rc = SQLITE_ERROR;

	if (stmt) {
		sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
		if (value)
			sqlite3_bind_text(stmt, 2, value, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	if (rc != SQLITE_OK)
		sr_fail(err, SR_E_DB, "sim_ps_state: %s", sqlite3_errmsg(w->db));
	sim_world_give(w, stmt);
	return rc == SQLITE_OK ? 0 : -1;
}

char *sim_ps_state_get(sim_world *w, const char *key, sr_err *err)
{
	static const char sql[] = "select value from sim_ps_state where key = ?1";
	sqlite3_stmt *stmt = sim_world_take(w, sql);
	char *value = NULL;
	int rc = SQLITE_ERROR;

	if (stmt) {
		sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
	}
	if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		value = sr_strdup(rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : "");
		if (!value)
			sr_fail_nomem(err);
	} else {
		sr_fail(err, SR_E_DB, "sim_ps_state: %s", sqlite3_errmsg(w->db));
	}
	sim_world_give(w, stmt);
	return value;
}

const char *sim_ps_setting(sim_ps_call *c, const char *key, const char *otherwise)
{
	SR_AUTO_FREE char *value = sim_ps_state_get(c->ps->world, key, NULL);
	const char *copy = value && *value ? sr_arena_strdup(&c->arena, value) : NULL;

	return copy ? copy : otherwise;
}

/* ---- answers ---- */

static int add_chunk(const char *bytes, size_t len, void *arg)
{
	sr_buf_add(arg, bytes, len);
	return 0;
}

static void write_head(sim_ps_call *c, int status)
{
	c->reply->status = status;
	sim_reply_header(
		c->reply, "Content-Type", c->xml ? "application/xml;charset=UTF-8" : "application/json;charset=UTF-8");
}

void sim_ps_answer(sim_ps_call *c, int status, json_t *body)
{
	int rc = body ? 0 : -1;

	sr_buf_clear(&c->reply->body);
	if (!rc && c->xml)
		sim_ps_xml(body, &c->reply->body);
	else if (!rc)
		rc = json_dump_callback(body, add_chunk, &c->reply->body, JSON_COMPACT);
	json_decref(body);
	if (rc)
		sim_ps_internal(c);
	else
		write_head(c, status);
}

void sim_ps_answer_tree(sim_ps_call *c, int status, json_t *tree)
{
	if (tree && !c->xml && sim_ps_bridge(tree, c->ps->quirks.single_row_array)) {
		json_decref(tree);
		tree = NULL;
	}
	sim_ps_answer(c, status, tree);
}

void sim_ps_answer_written(sim_ps_call *c, int status)
{
	if (c->xml)
		sim_ps_answer(c, status, json_loadb(sr_buf_text(&c->reply->body), c->reply->body.len, 0, NULL));
	else
		write_head(c, status);
}

/* The wrapped form is the one in which v1 refuses a plugin without a level. */
void sim_ps_refuse(sim_ps_call *c, int status, const char *message)
{
	if (c->v1 && c->ps->quirks.wrapped_errors)
		sim_ps_answer(c, status, json_pack("{s:{s:s}}", "errorMessage", "message", message));
	else
		sim_ps_answer(c, status, json_pack("{s:s}", "message", message));
}

/* Builds nothing that could fail in its turn. */
void sim_ps_internal(sim_ps_call *c)
{
	sim_reply_reset(c->reply);
	c->reply->status = 500;
	sim_reply_header(c->reply, "Content-Type", "application/json;charset=UTF-8");
	sr_buf_puts(&c->reply->body, "{\"message\":\"Internal server error\"}");
}
