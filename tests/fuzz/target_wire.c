/* The control socket's bytes. */
#include <string.h>

#include "targets.h"
#include "wire/ctl_msg.h"
#include "wire/frame.h"

#define MESSAGE_MAX ((size_t)256)

void fuzz_json(const uint8_t *data, size_t size)
{
	json_t *value, *again;
	char *text;

	if (sr_json_parse((const char *)data, size, (size_t)1 << 20, &value, NULL) < 0)
		return;
	text = sr_json_dump(value, NULL);
	FUZZ_LAW(text && sr_json_parse(text, strlen(text), SIZE_MAX, &again, NULL) == 0);
	FUZZ_LAW(json_equal(value, again));
	free(text);
	json_decref(again);
	json_decref(value);
}

/* However the bytes are cut on their way, the same messages come out; the first byte says how. */
void fuzz_frame(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_frames) frames = { 0 };
	size_t step = size ? (size_t)data[0] % 64 + 1 : 1, at = 1, begin = 1, len;
	const char *text;

	sr_frames_init(&frames, MESSAGE_MAX);
	while (at < size) {
		size_t part = size - at < step ? size - at : step;

		if (sr_frames_feed(&frames, data + at, part, NULL) < 0)
			return;
		at += part;
		while (sr_frames_take(&frames, &text, &len)) {
			FUZZ_LAW(len <= MESSAGE_MAX && begin + len < at);
			FUZZ_LAW(memcmp(text, data + begin, len) == 0 && data[begin + len] == 0);
			begin += len + 1;
		}
	}
	FUZZ_LAW(sr_frames_pending(&frames) == (size > begin ? size - begin : 0));
}

void fuzz_control(const uint8_t *data, size_t size)
{
	SR_AUTO(sr_ctl_reply) reply = { 0 };
	SR_AUTO(sr_ctl_call) call = { 0 };
	char field[SR_CTL_NAME_MAX];
	const sr_command *command;

	if (sr_ctl_reply_parse((const char *)data, size, &reply, NULL) == 0)
		FUZZ_LAW(json_is_object(reply.params));
	if (sr_ctl_call_parse((const char *)data, size, &call, NULL) < 0)
		return;
	FUZZ_LAW(json_is_object(call.params));
	command = sr_command_find_method(call.method);
	if (command)
		sr_ctl_params_check(command, call.params, field, NULL);
}
