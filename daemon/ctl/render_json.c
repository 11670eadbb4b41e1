/* The answer as it came, so that scripts see exactly what the schemas under schema/control/ promise. Indented for a
 * person's eyes, one line in a pipe. */
#include "render.h"

void ctl_render_json(const ctl_io *io, const json_t *reply)
{
	json_dumpf(reply, io->out, io->out_tty ? JSON_INDENT(2) : JSON_COMPACT);
	fputc('\n', io->out);
}

void ctl_render_json_error(const ctl_io *io, const char *error, const json_t *details)
{
	json_auto_t *document = json_pack("{s:s, s:O}", "error", error, "parameters", details);

	if (document)
		ctl_render_json(io, document);
}
