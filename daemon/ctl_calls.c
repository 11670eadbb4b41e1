/* What a message asks for: the service's description of itself, or a row of the command table.
 * The checks stand in their order: is it a call, is there such a method, may he, does it fit. */
#include <string.h>

#include "ctl_conn.h"
#include "idl.h"

/* A peer that does not keep up misses progress, never the result. */
#define PROGRESS_BACKLOG_MAX ((size_t)256 << 10)

/* ---- answers ---- */

static void reply(ctl_conn *c, json_t *params)
{
	if (!params)
		ctl_conn_kill(c);
	else if (!c->oneway)
		ctl_conn_send(c, sr_ctl_reply_text(params, false, NULL));
	json_decref(params);
	ctl_conn_answered(c);
}

static void fail(ctl_conn *c, const char *error, json_t *params)
{
	if (!params)
		ctl_conn_kill(c);
	else if (!c->oneway)
		ctl_conn_send(c, sr_ctl_error_text(error, params, NULL));
	json_decref(params);
	ctl_conn_answered(c);
}

/* ---- the engine's answers ---- */

static void on_progress(void *arg, json_t *params)
{
	ctl_conn *c = arg;

	if (!c->dead && ctl_conn_backlog(c) <= PROGRESS_BACKLOG_MAX)
		ctl_conn_send(c, sr_ctl_reply_text(params, true, NULL));
}

static void on_done(void *arg, json_t *params)
{
	ctl_conn *c = arg;

	c->call = NULL;
	reply(c, params);
}

static void on_refused(void *arg, const char *error, json_t *params)
{
	ctl_conn *c = arg;

	c->call = NULL;
	fail(c, error, params);
}

static const sr_call_ops engine_ops = { on_progress, on_done, on_refused };

/* ---- org.sisroll.Control ---- */

static void refuse_not_permitted(ctl_conn *c, const sr_command *command)
{
	const sr_ctl_server *server = c->server;
	sr_log_entry entry = {
		.level = SR_NOTICE,
		.id = SR_MSG_CONTROL,
		.code = sr_code_text(SR_CODE_NOT_PERMITTED),
		.event = command->verb,
		.who = c->peer.name,
		.text = "a command was refused: its caller may not give it",
	};

	sr_log_write(server->config.log, &entry);
	fail(c, SR_CTL_NOT_PERMITTED,
		json_pack(
			"{s:s, s:s}", "needs", sr_access_name(command->access), "who", sr_access_who(command->access)));
}

static void refuse_stopping(ctl_conn *c)
{
	sr_refusal refusal = { .code = SR_CODE_STOPPING, .what = "sisrolld is stopping and takes no new command" };

	fail(c, SR_CTL_REFUSED, sr_refusal_json(&refusal));
}

static void start_command(ctl_conn *c, const sr_ctl_call *call)
{
	const sr_peer *peer = &c->peer;
	sr_caller who = {
		.uid = peer->uid,
		.name = peer->name,
		.look = peer->look,
		.admin = peer->admin,
		.operator_ = peer->operator_,
		.break_glass = peer->break_glass,
		.second = peer->second,
	};
	sr_call *under_way = sr_command_start(
		c->server->config.engine, call->method, call->params, &who, call->more, &engine_ops, c);

	if (c->busy)
		c->call = under_way;
}

static void handle_control(ctl_conn *c, const sr_ctl_call *call)
{
	const sr_command *command = sr_command_find_method(call->method);
	char field[SR_CTL_NAME_MAX];

	if (!command)
		fail(c, SR_VARLINK_NO_METHOD, json_pack("{s:s++}", "method", call->interface, ".", call->method));
	else if (!sr_peer_may(&c->peer, command))
		refuse_not_permitted(c, command);
	else if (sr_ctl_params_check(command, call->params, field, NULL) < 0)
		fail(c, SR_VARLINK_BAD_PARAMETER, json_pack("{s:s}", "parameter", field));
	else if (c->server->stopping)
		refuse_stopping(c);
	else
		start_command(c, call);
}

/* ---- org.varlink.service ---- */

static void get_info(ctl_conn *c, const sr_ctl_call *call)
{
	(void)call;
	reply(c, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "sisroll", "product", "sisrolld", "version",
			 c->server->config.version, "url", "", "interfaces", SR_VARLINK_INTERFACE, SR_CTL_INTERFACE));
}

static void get_description(ctl_conn *c, const sr_ctl_call *call)
{
	static const struct {
		const char *name, *text;
	} interfaces[] = {
		{ SR_CTL_INTERFACE, sr_idl_control },
		{ SR_VARLINK_INTERFACE, sr_idl_service },
	};
	const char *name = sr_json_text(call->params, "interface");

	for (size_t i = 0; name && i < SR_COUNT_OF(interfaces); i++) {
		if (!sr_streq(name, interfaces[i].name))
			continue;
		reply(c, json_pack("{s:s}", "description", interfaces[i].text));
		return;
	}
	if (name)
		fail(c, SR_VARLINK_NO_INTERFACE, json_pack("{s:s}", "interface", name));
	else
		fail(c, SR_VARLINK_BAD_PARAMETER, json_pack("{s:s}", "parameter", "interface"));
}

static const struct service_method {
	const char *method, *parameter; /* the only one it takes; NULL: none */
	void (*handle)(ctl_conn *c, const sr_ctl_call *call);
} service_methods[] = {
	{ "GetInfo", NULL, get_info },
	{ "GetInterfaceDescription", "interface", get_description },
};

static void handle_service_method(ctl_conn *c, const struct service_method *row, const sr_ctl_call *call)
{
	const char *name;
	json_t *value;

	json_object_foreach(call->params, name, value) {
		if (sr_streq(name, row->parameter))
			continue;
		fail(c, SR_VARLINK_BAD_PARAMETER, json_pack("{s:s}", "parameter", name));
		return;
	}
	row->handle(c, call);
}

static void handle_service(ctl_conn *c, const sr_ctl_call *call)
{
	for (size_t i = 0; i < SR_COUNT_OF(service_methods); i++) {
		if (!sr_streq(call->method, service_methods[i].method))
			continue;
		handle_service_method(c, &service_methods[i], call);
		return;
	}
	fail(c, SR_VARLINK_NO_METHOD, json_pack("{s:s++}", "method", call->interface, ".", call->method));
}

/* ---- a message ---- */

static const struct {
	const char *interface;
	void (*handle)(ctl_conn *c, const sr_ctl_call *call);
} interfaces_served[] = {
	{ SR_CTL_INTERFACE, handle_control },
	{ SR_VARLINK_INTERFACE, handle_service },
};

static void dispatch(ctl_conn *c, const sr_ctl_call *call)
{
	if (call->upgrade) {
		fail(c, SR_VARLINK_NOT_IMPLEMENTED, json_pack("{s:s++}", "method", call->interface, ".", call->method));
		return;
	}
	for (size_t i = 0; i < SR_COUNT_OF(interfaces_served); i++) {
		if (!sr_streq(call->interface, interfaces_served[i].interface))
			continue;
		interfaces_served[i].handle(c, call);
		return;
	}
	fail(c, SR_VARLINK_NO_INTERFACE, json_pack("{s:s}", "interface", call->interface));
}

/* What is no Varlink call has no place for an answer either: the connection ends. */
void ctl_call_handle(ctl_conn *c, const char *text, size_t len)
{
	SR_AUTO(sr_ctl_call) call = { 0 };
	sr_err err = { 0 };

	if (sr_ctl_call_parse(text, len, &call, &err) < 0) {
		sr_log_entry entry = { .level = SR_INFO, .who = c->peer.name, .text = err.text };

		sr_log_write(c->server->config.log, &entry);
		ctl_conn_end(c);
		return;
	}
	c->busy = true;
	c->oneway = call.oneway;
	dispatch(c, &call);
}
