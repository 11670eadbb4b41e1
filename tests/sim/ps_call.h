/* One request on its way through the PowerSchool stand-in, and what its handlers share.
 * Never seen outside ps_*.c. */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "ps_plugin.h"
#include "ps_service.h"

#define SIM_PS_PARAMS_MAX 24
#define SIM_PS_CAPTURES_MAX 2

/* The place of one plugin. Its settings are rows of sim_ps_state: "token" for the main plugin,
 * "NAME/token" for one beside it. */
typedef struct sim_ps_slot {
	char *name;            /* NULL: the main plugin's place */
	sim_ps_plugin *plugin; /* NULL: none was installed */
	struct sim_ps_slot *next;
} sim_ps_slot;

struct sim_ps {
	sim_world *world;
	char *client_id, *client_secret; /* the main plugin's, unless they were regenerated */
	int page_max, token_life_s;
	sim_ps_quirks quirks;
	sim_ps_slot main;
};

typedef struct sim_ps_param {
	const char *name, *value;
} sim_ps_param;

typedef struct sim_ps_call {
	sim_ps *ps;
	const sr_request *request;
	sim_reply *reply;
	const char *captures[SIM_PS_CAPTURES_MAX]; /* what stands for each `*` of the route */
	const void *what;                          /* the route's own datum */
	sim_ps_slot *caller;                       /* whose token came along; NULL: nobody's */
	bool v1, xml;                              /* which half of the API; how the answer is written */
	sim_ps_param params[SIM_PS_PARAMS_MAX];
	size_t param_count;
	sr_arena arena;
} sim_ps_call;

/* ---- ps_call.c ---- */

/* Decodes "a=b&c=d" of `len` bytes behind those already there. -1: too many, or out of memory. */
int sim_ps_params_add(sim_ps_call *c, const char *text, size_t len);
const char *sim_ps_param_get(const sim_ps_call *c, const char *name); /* NULL: not given */
/* A whole number of at least `min`; `otherwise` when it is not given. -1: answered with a 400. */
int sim_ps_param_number(sim_ps_call *c, const char *name, int64_t min, int64_t otherwise, int64_t *out);
/* `page` and `pagesize` of a list whose ceiling is `max`, as limit and offset. -1: answered. */
int sim_ps_param_page(sim_ps_call *c, int64_t max, int64_t *limit, int64_t *offset);
const char *sim_ps_header(const sim_ps_call *c, const char *name); /* NULL: not sent */
bool sim_ps_in_list(const char *list, const char *word);           /* commas, spaces and case do not matter */

/* A row of sim_ps_state, in the call's arena; `otherwise` when there is none. */
const char *sim_ps_setting(sim_ps_call *c, const char *key, const char *otherwise);

/* Answers. Each sets status and body; `body` is consumed, NULL (out of memory) becomes a 500. */
void sim_ps_answer(sim_ps_call *c, int status, json_t *body);
void sim_ps_answer_tree(sim_ps_call *c, int status, json_t *tree);   /* by way of the bridge */
void sim_ps_answer_written(sim_ps_call *c, int status);              /* the body is JSON text already */
void sim_ps_refuse(sim_ps_call *c, int status, const char *message); /* {"message":...} */
void sim_ps_internal(sim_ps_call *c);                                /* 500: the database failed */

/* ---- ps_bridge.c: what PowerSchool's XML-to-JSON bridge does ---- */

/* In place: a list of one becomes its element (unless `keep_lists`), an empty list and a null
 * vanish, text of digits becomes a number. -1: out of memory. */
int sim_ps_bridge(json_t *tree, bool keep_lists);
/* The same tree as the XML it stands for; members beginning with @ are attributes. */
void sim_ps_xml(const json_t *tree, sr_buf *out);

/* ---- ps_slot.c ---- */

/* A setting of this plugin. */
const char *sim_ps_slot_setting(sim_ps_call *c, const sim_ps_slot *slot, const char *key, const char *otherwise);
char *sim_ps_slot_key(const sim_ps_slot *slot, const char *key); /* the row's name; the caller frees */
sim_ps_slot *sim_ps_slot_find(sim_ps *ps, const char *name);     /* "": the main one; NULL: none */
/* Installed and switched on, so that its queries are there. */
bool sim_ps_slot_runs(sim_ps_call *c, const sim_ps_slot *slot);
/* What the caller's plugin may ask for at once; 100 for nobody. */
int64_t sim_ps_page_max(sim_ps_call *c, const char *resource);
/* Is the server older than this? */
bool sim_ps_server_before(sim_ps_call *c, int major, int minor);
/* Does the caller's plugin hold the right to this field? TABLE and FIELD in capitals. */
bool sim_ps_may_read(sim_ps_call *c, const sim_ps_field *field);
void sim_ps_refuse_field(sim_ps_call *c, const char *table, const char *field); /* the 403 of sections 6 and 16.15 */
void sim_ps_slots_free(sim_ps *ps);

/* ---- ps_oauth.c ---- */

/* The plugin whose token this is, or NULL. */
sim_ps_slot *sim_ps_token_owner(sim_ps_call *c);
/* A UUID that the same world deals again. */
void sim_ps_uuid(uint64_t seed, const char *name, int64_t serial, char out[37]);

/* ---- ps_change.c, ps_event.c: installed once the tables hold their district ---- */

int sim_ps_watch_changes(sqlite3 *db, sr_err *err);
int sim_ps_watch_events(sqlite3 *db, sr_err *err);
int64_t sim_ps_version(sqlite3 *db); /* the data version now; -1: the database failed */

/* ---- handlers ---- */
void sim_ps_token(sim_ps_call *c);
void sim_ps_metadata(sim_ps_call *c);
void sim_ps_time(sim_ps_call *c);
void sim_ps_district(sim_ps_call *c);
void sim_ps_list_rows(sim_ps_call *c);  /* `what`: a sim_ps_list */
void sim_ps_list_count(sim_ps_call *c); /* `what`: a sim_ps_list */
void sim_ps_list_one(sim_ps_call *c);   /* `what`: a sim_ps_resource */
void sim_ps_tables(sim_ps_call *c);
void sim_ps_table_rows(sim_ps_call *c);
void sim_ps_table_count(sim_ps_call *c);
void sim_ps_table_one(sim_ps_call *c);
void sim_ps_table_metadata(sim_ps_call *c);
void sim_ps_queries(sim_ps_call *c);
void sim_ps_query_rows(sim_ps_call *c);
void sim_ps_query_count(sim_ps_call *c);
void sim_ps_dataversion(sim_ps_call *c);
void sim_ps_subscription_get(sim_ps_call *c);
void sim_ps_subscription_put(sim_ps_call *c);
void sim_ps_subscription_delete(sim_ps_call *c);
