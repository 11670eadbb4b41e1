/* One request on its way through the PowerSchool stand-in, and what its handlers share.
 * Never seen outside ps_*.c. */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "ps_plugin.h"
#include "ps_service.h"

#define SIM_PS_PARAMS_MAX 24

struct sim_ps {
	sim_world *world;
	char *client_id, *client_secret;
	char *basic; /* the value of Authorization that carries both */
	int page_max, token_life_s;
	sim_ps_quirks quirks;
	sim_ps_plugin *plugin; /* NULL: none was installed */
};

typedef struct sim_ps_param {
	const char *name, *value;
} sim_ps_param;

typedef struct sim_ps_call {
	sim_ps *ps;
	const sr_request *request;
	sim_reply *reply;
	const char *capture; /* what stands for `*` in the route */
	sim_ps_param params[SIM_PS_PARAMS_MAX];
	size_t param_count;
	sr_arena arena;
} sim_ps_call;

/* Decodes "a=b&c=d" of `len` bytes behind those already there. -1: too many, or out of memory. */
int sim_ps_params_add(sim_ps_call *c, const char *text, size_t len);
const char *sim_ps_param_get(const sim_ps_call *c, const char *name); /* NULL: not given */
/* A whole number of at least `min`; `otherwise` when it is not given. -1: answered with a 400. */
int sim_ps_param_number(sim_ps_call *c, const char *name, int64_t min, int64_t otherwise, int64_t *out);
const char *sim_ps_header(const sim_ps_call *c, const char *name); /* NULL: not sent */

/* A row of sim_ps_state, in the call's arena; `otherwise` when there is none. */
const char *sim_ps_setting(sim_ps_call *c, const char *key, const char *otherwise);

/* Answers. Each sets status and body; `body` is consumed, NULL (out of memory) becomes a 500. */
void sim_ps_answer(sim_ps_call *c, int status, json_t *body);
void sim_ps_refuse(sim_ps_call *c, int status, const char *message); /* {"message":...} */
void sim_ps_internal(sim_ps_call *c);                                /* 500: the database failed */

/* Handlers. */
void sim_ps_token(sim_ps_call *c);
void sim_ps_metadata(sim_ps_call *c);
void sim_ps_time(sim_ps_call *c);
void sim_ps_district(sim_ps_call *c);
void sim_ps_schools(sim_ps_call *c);
void sim_ps_schools_count(sim_ps_call *c);
void sim_ps_school(sim_ps_call *c);
void sim_ps_terms(sim_ps_call *c);
void sim_ps_terms_count(sim_ps_call *c);
void sim_ps_query_rows(sim_ps_call *c);
void sim_ps_query_count(sim_ps_call *c);

/* True if the bearer token is the one in force. */
bool sim_ps_token_valid(sim_ps_call *c);
