/* Message ids are random once and for ever: the journal's catalog and operators' filters hang on them. */
#include "base/log.h"

#include <stddef.h>

static const struct {
	const char *name, *id;
} rows[SR_MSG_COUNT] = {
	/* clang-format off */
	[SR_MSG_START] = { "start", "f26f1bb3f48644ddaed8ff7209d6778f" },
	[SR_MSG_STOP] = { "stop", "3f0a910de7c047aab89f91c33f2c1c2e" },
	[SR_MSG_RELOAD] = { "reload", "559bd6da0c77420690cb8c98c8d20e3f" },
	[SR_MSG_PHASE] = { "phase", "e782156bb1a34036afbbc33f57f179d9" },
	[SR_MSG_CHOICE] = { "choice", "512ff12a9c2644eca46e5318215d0080" },
	[SR_MSG_SIS_ROLLED] = { "sis-rolled", "410a2bc2a78d4aa3945f22f2be5e2027" },
	[SR_MSG_RUN_DONE] = { "run-done", "0232ecb56a1648b8beadc3a2c85c30dd" },
	[SR_MSG_RUN_FAILED] = { "run-failed", "532ac56133814467b49629455fb11de0" },
	[SR_MSG_BLOCKED] = { "blocked", "5cf51ac190fe42c383098be70c26f2f5" },
	[SR_MSG_UNBLOCKED] = { "unblocked", "38de8b0805414575964051ed8ea794cf" },
	[SR_MSG_POLL_FAILED] = { "poll-failed", "9c996fc281bd48bf974b5aa984b970c4" },
	[SR_MSG_ACTING_USER] = { "acting-user", "475cd94d19ce437c8d08472d357f85cf" },
	[SR_MSG_TERM_MOVED] = { "term-moved", "cf5df360fcda46fc8d718f290c826469" },
	[SR_MSG_TERMS_BROKEN] = { "terms-broken", "bc0eeb240cfd4030a7cde03348cf5585" },
	[SR_MSG_OTHER_YEAR] = { "other-year", "8268768e541644d9bc6b204b22ee4515" },
	[SR_MSG_QUARANTINE] = { "quarantine", "b8801c1a80c843669e118757d78c82d1" },
	[SR_MSG_WRONG_DISTRICT] = { "wrong-district", "322cd6cf29834955a18b683c58939020" },
	[SR_MSG_CONTROL] = { "control", "91867b7fc9cc4a638e67cbf846a6ce95" },
	[SR_MSG_ALERT] = { "alert", "847b2fb2d43e52efdb5c830fa1aaa98e" },
	[SR_MSG_DATABASE] = { "database", "fccad11358fa49ee87cf57bb90785f94" },
	/* clang-format on */
};

void sr_log_write(const sr_log *log, const sr_log_entry *entry)
{
	if (log && log->write && entry->level <= log->max_level)
		log->write(log->self, entry);
}

const char *sr_level_name(sr_level level)
{
	static const char *const names[SR_LEVEL_COUNT] = { "error", "warning", "notice", "info", "debug" };

	return (unsigned)level < SR_LEVEL_COUNT ? names[level] : "unknown";
}

const char *sr_msg_id(sr_msg msg)
{
	return (unsigned)msg < SR_MSG_COUNT ? rows[msg].id : NULL;
}

const char *sr_msg_name(sr_msg msg)
{
	return (unsigned)msg < SR_MSG_COUNT ? rows[msg].name : NULL;
}
