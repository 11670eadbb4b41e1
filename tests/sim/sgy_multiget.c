/* Up to 50 GETs in one POST: each path is a call of its own under the same identity, and its answer
 * a part of one. Which paths may be asked for stands in the route table. */
#include "sgy_int.h"

/* The part answers JSON inside; the whole is written as the caller wants it. */
static json_t *multiget_one(sgy_call *call, const char *path)
{
	sr_request request = *call->request;
	sim_reply reply = { 0 };
	sgy_call part = { .sgy = call->sgy,
		.request = &request,
		.reply = &reply,
		.nested = true,
		.answer_format = SGY_JSON,
		.uid = call->uid,
		.scope = call->scope,
		.sees_all = call->sees_all,
		.active = call->active,
		.admin = call->admin };
	json_t *body = NULL;

	request.method = "GET";
	request.url = path;
	request.body = NULL;
	if (*path != '/' || sgy_parse_url(&part) < 0)
		reply.status = 400;
	else
		sgy_dispatch(&part);
	if (reply.status == 200)
		body = json_loadb(reply.body.p, reply.body.len, 0, NULL);
	json_t *answer = json_pack("{s:i,s:s}", "response_code", reply.status, "location", path);
	if (body)
		json_object_set_new(answer, "body", body);
	sim_reply_done(&reply);
	sr_arena_done(&part.mem);
	return answer;
}

void sgy_multiget(sgy_call *call)
{
	json_t *paths = sgy_items(call, "requests", "request"), *answers = json_array(), *path;
	size_t i;

	json_array_foreach(paths, i, path)
		json_array_append_new(answers, json_is_string(path) ? multiget_one(call, json_string_value(path))
								    : sgy_item_fail(400, "Not a path."));
	if (paths)
		sgy_reply_json(call, 207, json_pack("{s:O}", "response", answers));
	json_decref(answers);
	json_decref(paths);
}
