/* The SQL of one call: the query's own, with lists spread into placeholders, and a select around
 * it that filters, orders or counts. Names come from the plugin, values are bound. */
#include <ctype.h>
#include <string.h>

#include "ps_query.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The argument that begins at `p` (behind its colon), or -1. */
static int argument_at(const sim_ps_query *q, const char *p)
{
	for (size_t i = 0; i < q->arg_count; i++) {
		size_t len = strlen(q->args[i].name);

		if (!strncmp(p, q->args[i].name, len) && !is_word(p[len]))
			return (int)i;
	}
	return -1;
}

static void put_list(sr_buf *sql, int arg, size_t count)
{
	sr_buf_puts(sql, count ? "" : "null");
	for (size_t i = 0; i < count; i++)
		sr_buf_printf(sql, "%s$a%d_%zu", i ? ", " : "", arg, i);
}

/* `:ids` of a list becomes `$a0_0, $a0_1`; text between quotes stays as it is. */
static void put_query(const sim_ps_run *run, sr_buf *sql)
{
	char quote = '\0';

	for (const char *p = run->query->sql; *p; p++) {
		int arg = *p == ':' && !quote ? argument_at(run->query, p + 1) : -1;

		if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? '\0' : *p;
		if (arg >= 0 && run->query->args[arg].array) {
			put_list(sql, arg, run->values[arg].count);
			p += strlen(run->query->args[arg].name);
		} else {
			sr_buf_putc(sql, *p);
		}
	}
}

/* Rows whose core table changed since; everything for a caller that has seen nothing. */
static void put_since(const sim_ps_run *run, sr_buf *sql)
{
	const sim_ps_query *q = run->query;

	sr_buf_printf(sql,
		" and ($since = 0 or q.\"%s\" in (select key from sim_ps_change where tab = '%s' and version > "
		"$since))",
		sqlite3_column_name(q->stmt, q->id_column), q->core);
}

static void put_sql(const sim_ps_run *run, bool count, sr_buf *sql)
{
	bool wrapped = count || run->filter.count || run->order || run->since >= 0;

	if (wrapped)
		sr_buf_printf(sql, "select %s from (", count ? "count(*)" : "*");
	put_query(run, sql);
	if (!wrapped)
		return;
	sr_buf_printf(sql, ") q where %s", run->filter.count ? sr_buf_text(&run->filter.sql) : "1");
	if (run->since >= 0)
		put_since(run, sql);
	if (run->order && !count)
		sr_buf_printf(sql, " order by %s", run->order);
}

static void bind_text(sqlite3_stmt *stmt, const char *name, const char *text)
{
	int index = name ? sqlite3_bind_parameter_index(stmt, name) : 0;

	if (index && text)
		sqlite3_bind_text(stmt, index, text, -1, SQLITE_TRANSIENT);
}

/* Every value goes in as text: the SQL itself must say where it wants a number. */
static void bind_arguments(const sim_ps_run *run, sqlite3_stmt *stmt)
{
	sr_arena *arena = &run->c->arena;

	for (size_t i = 0; i < run->query->arg_count; i++) {
		const sim_ps_value *value = &run->values[i];

		bind_text(stmt, sr_arena_printf(arena, ":%s", run->query->args[i].name), value->text);
		for (size_t k = 0; k < value->count; k++)
			bind_text(stmt, sr_arena_printf(arena, "$a%zu_%zu", i, k), value->list[k]);
	}
}

sqlite3_stmt *sim_ps_run_prepare(const sim_ps_run *run, bool count)
{
	SR_AUTO(sr_buf) sql = { 0 };
	sqlite3_stmt *stmt;
	int since;

	put_sql(run, count, &sql);
	stmt = sql.failed ? NULL : sim_world_take(run->c->ps->world, sr_buf_text(&sql));
	if (!stmt)
		return NULL;
	bind_arguments(run, stmt);
	sim_ps_filter_bind(&run->filter, stmt);
	since = sqlite3_bind_parameter_index(stmt, "$since");
	if (since)
		sqlite3_bind_int64(stmt, since, run->since);
	return stmt;
}
