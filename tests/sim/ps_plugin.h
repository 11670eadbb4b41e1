/* A plugin package as PowerSchool takes it: read, held against the rules, its queries compiled.
 * Never answers a request; never changes a table. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define SIM_PS_ARGS_MAX 16
#define SIM_PS_COLUMNS_MAX 64
#define SIM_PS_READS_MAX 64

/* TABLE and FIELD in capitals, as in access_request. */
typedef struct sim_ps_field {
	const char *table, *field;
} sim_ps_field;

typedef struct sim_ps_grant {
	sim_ps_field what;
	struct sim_ps_grant *next;
} sim_ps_grant;

typedef struct sim_ps_arg {
	const char *name;
	const char *otherwise; /* the value when it is not given; NULL: none */
	sim_ps_field column;   /* what it is compared with; NULLs: not said */
	bool required, numeric, array;
} sim_ps_arg;

typedef struct sim_ps_column {
	sim_ps_field source;      /* held against access_request */
	const char *table, *name; /* how the answer calls it, in small letters */
	bool numeric;             /* `source` is */
} sim_ps_column;

typedef struct sim_ps_query {
	const char *name, *core, *sql;
	bool flattened;
	int id_column; /* which column is the row's own id; -1: none */
	sim_ps_arg args[SIM_PS_ARGS_MAX];
	sim_ps_column columns[SIM_PS_COLUMNS_MAX];
	sim_ps_field reads[SIM_PS_READS_MAX]; /* every column that the SQL touches */
	size_t arg_count, column_count, read_count;
	sqlite3_stmt *stmt;
	struct sim_ps_query *next;
} sim_ps_query;

typedef struct sim_ps_plugin {
	const char *name, *version, *v1_access;
	sim_ps_grant *grants;
	sim_ps_query *queries; /* in the order of the files */
	bool described;        /* <publisher> and its <contact> were there */
	bool oauth, names_v1_access, access_after_publisher;
	sr_arena arena;
} sim_ps_plugin;

/* Reads plugin.xml and queries_root/ of `folder`; compiles the queries for `db`, which must outlive
 * the result. NULL: `err` says which file, line and rule. */
sim_ps_plugin *sim_ps_plugin_load(sqlite3 *db, const char *folder, sr_err *err);
void sim_ps_plugin_free(sim_ps_plugin *plugin);

const sim_ps_query *sim_ps_plugin_query(const sim_ps_plugin *plugin, const char *name); /* NULL: none */
bool sim_ps_plugin_grants(const sim_ps_plugin *plugin, const sim_ps_field *field);

/* For ps_plugin.c: the two kinds of file. They add to `plugin`; `file` is for messages. */
int sim_ps_read_plugin_xml(sim_ps_plugin *plugin, const char *file, const char *text, size_t len, sr_err *err);
int sim_ps_read_queries_xml(sim_ps_plugin *plugin, const char *file, const char *text, size_t len, sr_err *err);
