/* The plugin's two kinds of file, as the sandbox reads them. */
#include "../sim/ps_plugin.h"
#include "targets.h"

void fuzz_plugin(const uint8_t *data, size_t size)
{
	sim_ps_plugin plugin = { 0 };
	sr_err err;

	sim_ps_read_plugin_xml(&plugin, "plugin.xml", (const char *)data, size, &err);
	sim_ps_read_queries_xml(&plugin, "q.named_queries.xml", (const char *)data, size, &err);
	sr_arena_done(&plugin.arena);
}
