/* A Varlink message is one JSON object: a call names its method, a reply carries parameters, an error its name.
 * The server reads calls strictly (an unknown key is a mistake worth saying); the client reads replies
 * tolerantly, so that it works with a daemon that knows more. */
#include "wire/ctl_msg.h"

#include <string.h>

#include "wire/frame.h"

/* --- Calls --- */

/* "org.sisroll.Control.Status" -> interface and method. False: no dot inside, or too long. */
static bool split_method(const char *full, sr_ctl_call *out)
{
	const char *dot = strrchr(full, '.');
	size_t len = strlen(full);

	if (!dot || dot == full || dot[1] == '\0' || len >= SR_CTL_NAME_MAX)
		return false;
	memcpy(out->interface, full, (size_t)(dot - full));
	out->interface[dot - full] = '\0';
	memcpy(out->method, dot + 1, len - (size_t)(dot + 1 - full) + 1);
	return true;
}

/* One key of the call's object. */
static int read_call_key(sr_ctl_call *call, const char *key, json_t *value, sr_err *err)
{
	static const struct {
		const char *key;
		size_t offset;
	} flags[] = {
		{ "more", offsetof(sr_ctl_call, more) },
		{ "oneway", offsetof(sr_ctl_call, oneway) },
		{ "upgrade", offsetof(sr_ctl_call, upgrade) },
	};

	if (sr_streq(key, "method")) {
		if (!json_is_string(value) || !split_method(json_string_value(value), call))
			return sr_fail(err, SR_E_PROTO, "method is not a name of the form interface.Method");
		return 0;
	}
	if (sr_streq(key, "parameters")) {
		if (!json_is_object(value) && !json_is_null(value))
			return sr_fail(
				err, SR_E_PROTO, "parameters: expected object, got %s", sr_json_type_name(value));
		call->params = json_is_object(value) ? json_incref(value) : NULL;
		return 0;
	}
	for (size_t i = 0; i < SR_COUNT_OF(flags); i++) {
		if (!sr_streq(key, flags[i].key))
			continue;
		if (!json_is_boolean(value))
			return sr_fail(err, SR_E_PROTO, "%s: expected true or false", key);
		*(bool *)((char *)call + flags[i].offset) = json_is_true(value);
		return 0;
	}
	return sr_fail(err, SR_E_PROTO, "a call has no field of that name");
}

int sr_ctl_call_parse(const char *text, size_t len, sr_ctl_call *out, sr_err *err)
{
	SR_AUTO(sr_ctl_call) call = { 0 };
	json_auto_t *message = NULL;
	const char *key;
	json_t *value;

	if (sr_json_parse(text, len, SR_FRAME_CALL_MAX, &message, err) != 0)
		return -1;
	if (!json_is_object(message))
		return sr_fail(err, SR_E_PROTO, "a call is an object, not %s", sr_json_type_name(message));
	json_object_foreach(message, key, value)
		if (read_call_key(&call, key, value, err) != 0)
			return -1;
	if (!call.method[0])
		return sr_fail(err, SR_E_PROTO, "a call names its method");
	if (call.more && call.oneway)
		return sr_fail(err, SR_E_PROTO, "a call is either more or oneway");
	if (!call.params && !(call.params = json_object()))
		return sr_fail_nomem(err);
	*out = call;
	call.params = NULL;
	return 0;
}

void sr_ctl_call_done(sr_ctl_call *call)
{
	json_decref(call->params);
	*call = (sr_ctl_call){ 0 };
}

/* --- Parameters against the command's rows --- */

static bool all_of(const json_t *list, json_type type)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
		if (json_typeof(item) != type)
			return false;
	return true;
}

typedef struct type_row {
	const char *name;
	json_type type, item; /* item: of a JSON_ARRAY */
} type_row;

static const type_row *type_row_of(sr_param_type type)
{
	static const type_row rows[TYPE_COUNT] = {
		[TYPE_BOOL] = { "true or false", JSON_TRUE, JSON_NULL },
		[TYPE_INT] = { "integer", JSON_INTEGER, JSON_NULL },
		[TYPE_INTS] = { "list of integers", JSON_ARRAY, JSON_INTEGER },
		[TYPE_TEXT] = { "text", JSON_STRING, JSON_NULL },
		[TYPE_TEXTS] = { "list of texts", JSON_ARRAY, JSON_STRING },
		[TYPE_PATH] = { "text", JSON_STRING, JSON_NULL },
		[TYPE_SCHOOLS] = { "list of texts", JSON_ARRAY, JSON_STRING },
		[TYPE_RENDER] = { "nothing", JSON_NULL, JSON_NULL },
		[TYPE_RENDER_TEXT] = { "nothing", JSON_NULL, JSON_NULL },
	};

	return &rows[type];
}

static bool fits(const type_row *row, const json_t *value)
{
	if (row->type == JSON_TRUE)
		return json_is_boolean(value);
	if (json_typeof(value) != row->type)
		return false;
	return row->type != JSON_ARRAY || all_of(value, row->item);
}

static int check_field(const sr_command *command, const char *name, const json_t *value, sr_err *err)
{
	sr_param_type type;
	const type_row *row;

	if (!sr_command_field(command, name, &type))
		return sr_fail(err, SR_E_INVALID, "%s takes no field of that name", command->verb);
	row = type_row_of(type);
	if (!json_is_null(value) && !fits(row, value))
		return sr_fail(err, SR_E_INVALID, "%s: %s has to be %s", command->verb, name, row->name);
	return 0;
}

/* Field names come from the peer: they are cut to what an answer may carry. */
static int culprit(char *field, const char *name)
{
	snprintf(field, SR_CTL_NAME_MAX, "%.*s", SR_CTL_NAME_MAX - 1, name);
	/* A cut inside a character would make the answer's text invalid. */
	for (size_t len = strlen(field); len > 0 && !sr_utf8_valid(field, len);)
		field[--len] = '\0';
	return -1;
}

int sr_ctl_params_check(const sr_command *command, const json_t *params, char *field, sr_err *err)
{
	int position = 0;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)params, name, value)
		if (check_field(command, name, value, err) != 0)
			return culprit(field, name);
	for (const sr_param *p = sr_param_next(command, NULL); p && !p->option; p = sr_param_next(command, p)) {
		value = json_object_get(params, p->field);
		if (position++ < command->min_args && (!value || json_is_null(value))) {
			sr_fail(err, SR_E_INVALID, "%s needs %s", command->verb, p->field);
			return culprit(field, p->field);
		}
	}
	return 0;
}

/* --- Texts --- */

static char *message_text(const char *name_key, const char *name, json_t *params, const char *flag, sr_err *err)
{
	sr_json_obj o = sr_json_obj_new();
	json_t *message;
	char *text;

	if (name_key)
		sr_json_put_text(&o, name_key, name);
	sr_json_put(&o, "parameters", params ? json_incref(params) : json_object());
	if (flag)
		sr_json_put_bool(&o, flag, true);
	message = sr_json_obj_take(&o);
	if (!message) {
		sr_fail_nomem(err);
		return NULL;
	}
	text = sr_json_dump(message, err);
	json_decref(message);
	return text;
}

char *sr_ctl_call_text(const char *method_full, json_t *params, bool more, sr_err *err)
{
	return message_text("method", method_full, params, more ? "more" : NULL, err);
}

char *sr_ctl_reply_text(json_t *params, bool continues, sr_err *err)
{
	return message_text(NULL, NULL, params, continues ? "continues" : NULL, err);
}

char *sr_ctl_error_text(const char *error_full, json_t *params, sr_err *err)
{
	return message_text("error", error_full, params, NULL, err);
}

/* --- Replies --- */

int sr_ctl_reply_parse(const char *text, size_t len, sr_ctl_reply *out, sr_err *err)
{
	json_auto_t *message = NULL;
	const char *error;
	json_t *params;

	if (sr_json_parse(text, len, SR_FRAME_REPLY_MAX, &message, err) != 0)
		return -1;
	if (!json_is_object(message))
		return sr_fail(err, SR_E_PROTO, "a reply is an object, not %s", sr_json_type_name(message));
	error = sr_json_text(message, "error");
	if ((json_object_get(message, "error") && !error) || (error && (!*error || strlen(error) >= SR_CTL_NAME_MAX)))
		return sr_fail(err, SR_E_PROTO, "the name of the error cannot be read");
	params = sr_json_object(message, "parameters");
	params = params ? json_incref(params) : json_object();
	if (!params)
		return sr_fail_nomem(err);
	*out = (sr_ctl_reply){ .params = params, .continues = sr_json_bool(message, "continues", false) };
	if (error)
		memcpy(out->error, error, strlen(error) + 1);
	return 0;
}

void sr_ctl_reply_done(sr_ctl_reply *reply)
{
	json_decref(reply->params);
	*reply = (sr_ctl_reply){ 0 };
}

/* --- Refusals --- */

/* The code's own advice, a line an item. */
static bool split_lines(json_t *list, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (json_array_append_new(list, json_stringn(text, len)) != 0)
			return false;
		text += len + (text[len] == '\n');
	}
	return true;
}

static json_t *todo_list(const sr_refusal *refusal)
{
	json_t *list = json_array();
	bool ok = list != NULL;

	if (ok && !refusal->todo[0])
		ok = split_lines(list, sr_code_row_of(refusal->code)->todo);
	for (size_t i = 0; ok && i < SR_ADVICE_MAX && refusal->todo[i]; i++)
		ok = json_array_append_new(list, json_string(refusal->todo[i])) == 0;
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static bool put_refusal(const sr_refusal *refusal, json_t *object, const char *what_key)
{
	const char *untouched = refusal->untouched ? refusal->untouched : "Nothing was changed.";

	return json_object_set_new(object, "code", json_string(sr_code_text(refusal->code))) == 0 &&
	       json_object_set_new(object, what_key, json_string(refusal->what)) == 0 &&
	       json_object_set_new(object, "untouched", json_string(untouched)) == 0 &&
	       json_object_set_new(object, "do", todo_list(refusal)) == 0;
}

json_t *sr_refusal_json(const sr_refusal *refusal)
{
	json_t *object = json_object();

	if (object && put_refusal(refusal, object, "what"))
		return object;
	json_decref(object);
	return NULL;
}

bool sr_refusal_into(const sr_refusal *refusal, json_t *result)
{
	return json_object_set_new(result, "done", json_false()) == 0 && put_refusal(refusal, result, "why");
}
