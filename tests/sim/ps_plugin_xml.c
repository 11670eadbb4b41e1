/* The two XML files of a plugin (contracts/powerschool.md section 11). Each is a table of the
 * elements that may stand where; a handler takes an element's attributes or text and holds them
 * against PowerSchool's limits. Anything unknown is refused: the real server validates as well. */
#include <ctype.h>
#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ps_plugin.h"

#define DEPTH_MAX 8
#define TEXT_MAX_BYTES 65536
#define SEPARATOR '|' /* between namespace and name, in what expat reports */
#define PLUGIN_NAMESPACE "http://plugin.powerschool.pearson.com|"

typedef struct reader reader;

typedef struct element {
	const char *parent, *name; /* parent "": the root */
	int (*begin)(reader *r, const char **atts);
	int (*end)(reader *r);
} element;

struct reader {
	XML_Parser parser;
	sim_ps_plugin *plugin;
	const char *file, *name_space;
	const element *elements;
	size_t element_count;
	const element *open[DEPTH_MAX];
	size_t depth;
	sr_buf text;         /* of the innermost element */
	sim_ps_query *query; /* between <query> and </query> */
	const char *source;  /* the open <column>'s attribute, or NULL */
	bool failed;
	sr_err why;
};

/* ---- what the handlers are made of ---- */

static int __attribute__((format(printf, 2, 3))) refuse(reader *r, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	if (r->failed)
		return -1;
	r->failed = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	XML_StopParser(r->parser, XML_FALSE);
	return sr_fail(
		&r->why, SR_E_INVALID, "%s:%lu: %s", r->file, (unsigned long)XML_GetCurrentLineNumber(r->parser), text);
}

static const char *keep(reader *r, const char *s)
{
	char *copy = sr_arena_strdup(&r->plugin->arena, s);

	if (!copy)
		refuse(r, "out of memory");
	return copy;
}

static const char *attribute(const char **atts, const char *name)
{
	for (; *atts; atts += 2) {
		if (!strcmp(atts[0], name))
			return atts[1];
	}
	return NULL;
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Takes a required attribute of at most `max` characters into *out. */
static int take(reader *r, const char **atts, const char *name, size_t max, const char **out)
{
	const char *value = attribute(atts, name);

	if (!value || !*value)
		return refuse(r, "attribute %s is missing", name);
	if (characters(value) > max)
		return refuse(r, "%s is longer than %zu characters", name, max);
	*out = keep(r, value);
	return *out ? 0 : -1;
}

static int one_of(reader *r, const char *name, const char *value, const char *const *allowed)
{
	for (; *allowed; allowed++) {
		if (!strcmp(value, *allowed))
			return 0;
	}
	return refuse(r, "%s=\"%s\" is not a value PowerSchool knows", name, value);
}

static char *keep_cased(reader *r, const char *s, size_t len, int (*to_case)(int))
{
	char *copy = sr_arena_strndup(&r->plugin->arena, s, len);

	if (!copy) {
		refuse(r, "out of memory");
		return NULL;
	}
	for (char *p = copy; *p; p++)
		*p = (char)to_case((unsigned char)*p);
	return copy;
}

/* Splits "table.field" at its only dot. */
static int split(reader *r, const char *s, int (*to_case)(int), const char **table, const char **field)
{
	const char *dot = strchr(s, '.');

	if (!dot || dot == s || !dot[1] || strchr(dot + 1, '.'))
		return refuse(r, "\"%s\" is not of the form table.field", s);
	*table = keep_cased(r, s, (size_t)(dot - s), to_case);
	*field = keep_cased(r, dot + 1, strlen(dot + 1), to_case);
	return *table && *field ? 0 : -1;
}

/* ---- plugin.xml ---- */

static int begin_plugin(reader *r, const char **atts)
{
	const char *description = attribute(atts, "description");

	if (take(r, atts, "name", 40, &r->plugin->name) || take(r, atts, "version", 20, &r->plugin->version))
		return -1;
	if (r->plugin->version[strspn(r->plugin->version, "0123456789.")])
		return refuse(r, "version may hold digits and dots alone");
	if (description && characters(description) > 256)
		return refuse(r, "description is longer than 256 characters");
	return 0;
}

static int begin_oauth(reader *r, const char **atts)
{
	static const char *const levels[] = { "NONE", "READ", "FULL", NULL };
	const char *level = attribute(atts, "accessLevelV1Api");

	r->plugin->oauth = true;
	if (!level)
		return 0;
	r->plugin->names_v1_access = true;
	if (one_of(r, "accessLevelV1Api", level, levels))
		return -1;
	r->plugin->v1_access = keep(r, level);
	return r->plugin->v1_access ? 0 : -1;
}

static int begin_access(reader *r, const char **atts)
{
	(void)atts;
	r->plugin->access_after_publisher = r->plugin->described;
	return 0;
}

static int begin_field(reader *r, const char **atts)
{
	static const char *const rights[] = { "ViewOnly", "FullAccess", NULL };
	const char *table, *field, *access;
	sim_ps_grant *grant = sr_arena_alloc(&r->plugin->arena, sizeof(*grant));

	if (!grant)
		return refuse(r, "out of memory");
	if (take(r, atts, "table", 30, &table) || take(r, atts, "field", 30, &field) ||
		take(r, atts, "access", 30, &access) || one_of(r, "access", access, rights))
		return -1;
	grant->what.table = keep_cased(r, table, strlen(table), toupper);
	grant->what.field = keep_cased(r, field, strlen(field), toupper);
	grant->next = r->plugin->grants;
	r->plugin->grants = grant;
	return r->failed ? -1 : 0;
}

static int begin_publisher(reader *r, const char **atts)
{
	const char *name;

	return take(r, atts, "name", 100, &name);
}

static int begin_contact(reader *r, const char **atts)
{
	const char *email;

	r->plugin->described = true;
	return take(r, atts, "email", 40, &email);
}

static const element plugin_elements[] = {
	/* clang-format off */
	{ "",               "plugin",         begin_plugin,    NULL },
	{ "plugin",         "oauth",          begin_oauth,     NULL },
	{ "plugin",         "access_request", begin_access,    NULL },
	{ "access_request", "field",          begin_field,     NULL },
	{ "plugin",         "publisher",      begin_publisher, NULL },
	{ "publisher",      "contact",        begin_contact,   NULL },
	/* clang-format on */
};

/* ---- *.named_queries.xml ---- */

static int check_query_name(reader *r, const char *name)
{
	size_t parts = 1;

	for (const char *p = name; *p; p++)
		parts += *p == '.';
	if (parts != 5 || *name == '.' || sr_ends(name, ".") || strstr(name, ".."))
		return refuse(r, "query name \"%s\" has not five dot-separated parts", name);
	if (sr_starts(name, "com.powerschool"))
		return refuse(r, "query name \"%s\" begins with com.powerschool", name);
	if (sim_ps_plugin_query(r->plugin, name))
		return refuse(r, "query name \"%s\" is used twice", name);
	return 0;
}

static int begin_query(reader *r, const char **atts)
{
	const char *core = attribute(atts, "coreTable"), *flattened = attribute(atts, "flattened");
	sim_ps_query *query = sr_arena_alloc(&r->plugin->arena, sizeof(*query));

	if (!query)
		return refuse(r, "out of memory");
	if (take(r, atts, "name", 200, &query->name) || check_query_name(r, query->name))
		return -1;
	query->core = core ? keep_cased(r, core, strlen(core), tolower) : NULL;
	query->flattened = flattened && !strcmp(flattened, "true");
	r->query = query;
	return r->failed ? -1 : 0;
}

static int end_query(reader *r)
{
	sim_ps_query **tail = &r->plugin->queries;

	if (!r->query->column_count)
		return refuse(r, "query %s has no columns", r->query->name);
	if (!r->query->sql)
		return refuse(r, "query %s has no sql", r->query->name);
	while (*tail)
		tail = &(*tail)->next;
	*tail = SR_TAKE(r->query);
	return 0;
}

static int begin_arg(reader *r, const char **atts)
{
	static const char *const types[] = { "primitive", "array", NULL };
	const char *column = attribute(atts, "column"), *type = attribute(atts, "type");
	const char *required = attribute(atts, "required"), *otherwise = attribute(atts, "default");
	sim_ps_arg *arg = &r->query->args[r->query->arg_count];

	if (r->query->arg_count == SIM_PS_ARGS_MAX)
		return refuse(r, "more than %d arguments", SIM_PS_ARGS_MAX);
	if (take(r, atts, "name", 60, &arg->name) || (type && one_of(r, "type", type, types)))
		return -1;
	if (column && split(r, column, toupper, &arg->column.table, &arg->column.field))
		return -1;
	arg->array = type && !strcmp(type, "array");
	arg->required = required && !strcmp(required, "true");
	arg->otherwise = otherwise ? keep(r, otherwise) : NULL;
	r->query->arg_count++;
	return r->failed ? -1 : 0;
}

static int begin_column(reader *r, const char **atts)
{
	const char *source = attribute(atts, "column");

	if (r->query->column_count == SIM_PS_COLUMNS_MAX)
		return refuse(r, "more than %d columns", SIM_PS_COLUMNS_MAX);
	r->source = source ? keep(r, source) : NULL;
	return r->failed ? -1 : 0;
}

/* What the answer calls the column: "table.name", or "name" of the core table. */
static int column_alias(reader *r, const char *alias, sim_ps_column *column)
{
	if (strchr(alias, '.'))
		return split(r, alias, tolower, &column->table, &column->name);
	if (!*alias)
		return refuse(r, "a column without a name");
	if (!r->query->core)
		return refuse(r, "column \"%s\" has no table, and the query no coreTable", alias);
	column->table = r->query->core;
	column->name = keep_cased(r, alias, strlen(alias), tolower);
	return column->name ? 0 : -1;
}

static int end_column(reader *r)
{
	char *alias = sr_trim(r->text.p ? r->text.p : (char[]){ "" });
	sim_ps_column *column = &r->query->columns[r->query->column_count];

	if (column_alias(r, alias, column))
		return -1;
	for (size_t i = 0; i < r->query->column_count; i++) {
		const sim_ps_column *other = &r->query->columns[i];

		if (!strcmp(other->name, column->name) && !strcmp(other->table, column->table))
			return refuse(r, "column %s is named twice", alias);
	}
	if (r->source) {
		if (split(r, r->source, toupper, &column->source.table, &column->source.field))
			return -1;
	} else {
		column->source.table = keep_cased(r, column->table, strlen(column->table), toupper);
		column->source.field = keep_cased(r, column->name, strlen(column->name), toupper);
	}
	r->query->column_count++;
	return r->failed ? -1 : 0;
}

static int end_sql(reader *r)
{
	char *sql = sr_trim(r->text.p ? r->text.p : (char[]){ "" });

	if (!*sql || sr_ends(sql, ";"))
		return refuse(r, "the sql is empty or ends in a semicolon");
	r->query->sql = keep(r, sql);
	return r->query->sql ? 0 : -1;
}

static const element query_elements[] = {
	/* clang-format off */
	{ "",        "queries",     NULL,         NULL },
	{ "queries", "query",       begin_query,  end_query },
	{ "query",   "summary",     NULL,         NULL },
	{ "query",   "description", NULL,         NULL },
	{ "query",   "args",        NULL,         NULL },
	{ "args",    "arg",         begin_arg,    NULL },
	{ "query",   "columns",     NULL,         NULL },
	{ "columns", "column",      begin_column, end_column },
	{ "query",   "sql",         NULL,         end_sql },
	/* clang-format on */
};

/* ---- expat's side ---- */

static const element *find_element(const reader *r, const char *name)
{
	const char *parent = r->depth ? r->open[r->depth - 1]->name : "";

	for (size_t i = 0; i < r->element_count; i++) {
		if (!strcmp(r->elements[i].name, name) && !strcmp(r->elements[i].parent, parent))
			return &r->elements[i];
	}
	return NULL;
}

static void XMLCALL on_start(void *arg, const char *name, const char **atts)
{
	reader *r = arg;
	const element *e;

	if (r->failed)
		return;
	if (!sr_starts(name, r->name_space)) {
		refuse(r, "<%s> is not in the namespace \"%s\"", name, r->name_space);
		return;
	}
	e = find_element(r, name + strlen(r->name_space));
	if (!e || r->depth == DEPTH_MAX) {
		refuse(r, "<%s> may not stand here", name);
		return;
	}
	sr_buf_clear(&r->text);
	r->open[r->depth++] = e;
	if (e->begin)
		e->begin(r, atts);
}

static void XMLCALL on_end(void *arg, const char *name)
{
	reader *r = arg;

	(void)name;
	if (r->failed)
		return;
	r->depth--;
	if (r->open[r->depth]->end)
		r->open[r->depth]->end(r);
}

static void XMLCALL on_text(void *arg, const char *s, int len)
{
	reader *r = arg;

	if (r->failed)
		return;
	sr_buf_add(&r->text, s, (size_t)len);
	if (r->text.failed)
		refuse(r, "an element's text is too long");
}

static int parse(reader *r, const char *text, size_t len, sr_err *err)
{
	r->parser = XML_ParserCreateNS(NULL, SEPARATOR);
	if (!r->parser)
		return sr_fail_nomem(err);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	r->text.max_bytes = TEXT_MAX_BYTES;
	if (XML_Parse(r->parser, text, (int)len, 1) != XML_STATUS_OK)
		refuse(r, "%s", XML_ErrorString(XML_GetErrorCode(r->parser)));
	XML_ParserFree(r->parser);
	sr_buf_done(&r->text);
	if (!r->failed)
		return 0;
	if (err)
		*err = r->why;
	return -1;
}

int sim_ps_read_plugin_xml(sim_ps_plugin *plugin, const char *file, const char *text, size_t len, sr_err *err)
{
	reader r = { .plugin = plugin,
		.file = file,
		.name_space = PLUGIN_NAMESPACE,
		.elements = plugin_elements,
		.element_count = SR_COUNT_OF(plugin_elements) };

	plugin->v1_access = "NONE";
	if (parse(&r, text, len, err))
		return -1;
	if (!plugin->described)
		return sr_fail(err, SR_E_INVALID, "%s: a publisher with a contact is required", file);
	return 0;
}

int sim_ps_read_queries_xml(sim_ps_plugin *plugin, const char *file, const char *text, size_t len, sr_err *err)
{
	reader r = { .plugin = plugin,
		.file = file,
		.name_space = "",
		.elements = query_elements,
		.element_count = SR_COUNT_OF(query_elements) };

	return parse(&r, text, len, err);
}
