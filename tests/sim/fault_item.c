/* Schoology signs no JSON body, so an item can be taken out without spoiling the signature. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fault_item.h"

/* clang-format off */
static const struct { const char *outer, *inner; bool answer_wrapped; } shapes[] = {
	{ "users",       "user",       false },
	{ "courses",     "course",     false },
	{ "sections",    "section",    false },
	{ "enrollments", "enrollment", true },
};
static const char *const keys[] = { "school_uid", "course_code", "section_school_code", "id" };
/* clang-format on */

static json_t *failed(const json_t *item)
{
	json_t *out = json_pack("{s:i,s:s}", "response_code", 400, "message", "This item was refused.");

	for (size_t i = 0; out && i < SR_COUNT_OF(keys); i++) {
		json_t *value = json_object_get(item, keys[i]);
		if (value)
			json_object_set(out, keys[i], value);
	}
	return out;
}

static void put_body(sim_reply *reply, const json_t *answer)
{
	SR_AUTO_FREE char *text = json_dumps(answer, JSON_COMPACT);

	sr_buf_clear(&reply->body);
	sr_buf_puts(&reply->body, text ? text : "");
}

static void reply_alone(sim_reply *reply, size_t shape, json_t *item)
{
	json_t *list = json_pack("{s:[O]}", shapes[shape].inner, item);
	json_t *answer = shapes[shape].answer_wrapped ? json_pack("{s:O}", shapes[shape].outer, list)
						      : json_incref(list);

	sim_reply_reset(reply);
	reply->status = 207;
	sim_reply_header(reply, "Content-Type", "application/json; charset=UTF-8");
	put_body(reply, answer);
	json_decref(answer);
	json_decref(list);
}

static void insert_into(sim_reply *reply, size_t shape, size_t index, json_t *item)
{
	json_t *answer = json_loadb(sr_buf_text(&reply->body), reply->body.len, 0, NULL);
	json_t *at = shapes[shape].answer_wrapped ? json_object_get(answer, shapes[shape].outer) : answer;
	json_t *list = json_object_get(at, shapes[shape].inner);

	if (json_is_array(list) && json_array_insert(list, index, item) == 0)
		put_body(reply, answer);
	json_decref(answer);
}

static void answer_rest(sim_sgy *sgy, const sr_request *request, const json_t *body, sim_reply *reply)
{
	SR_AUTO_FREE char *text = json_dumps(body, JSON_COMPACT);
	sr_request rest = *request;

	rest.body = text;
	rest.body_bytes = text ? strlen(text) : 0;
	sim_sgy_handle(sgy, &rest, reply);
}

int sim_fault_item(sim_sgy *sgy, const sr_request *request, int index, sim_reply *reply)
{
	json_t *body = request->body && sgy ? json_loadb(request->body, request->body_bytes, 0, NULL) : NULL,
	       *list = NULL;
	size_t shape = 0, at;

	for (; shape < SR_COUNT_OF(shapes) && !json_is_array(list); shape++)
		list = json_object_get(json_object_get(body, shapes[shape].outer), shapes[shape].inner);
	if (!json_is_array(list) || json_array_size(list) == 0) {
		json_decref(body);
		return -1;
	}
	shape--;
	at = (size_t)index < json_array_size(list) ? (size_t)index : json_array_size(list) - 1;
	json_t *item = failed(json_array_get(list, at));
	json_array_remove(list, at);
	if (json_array_size(list) == 0) {
		reply_alone(reply, shape, item);
	} else {
		answer_rest(sgy, request, body, reply);
		insert_into(reply, shape, at, item);
	}
	json_decref(item);
	json_decref(body);
	return 0;
}
