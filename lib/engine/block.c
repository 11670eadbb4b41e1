/* One row a block, gravest first: status shows them in this order. */
#include "engine/block.h"

#include <string.h>

const sr_block_def sr_blocks[SR_BL_COUNT] = {
	/* clang-format off */
	[SR_BL_OTHER_YEAR_WRITE]    = { "other-year-write",    false, true, true,
		"Report it with `sisrollctl run show`; then sisrollctl unblock SCHOOL other-year-write --reason TEXT" },
	[SR_BL_WRONG_DISTRICT]      = { "wrong-district",      true,  true, true,
		"Point the configuration at the district this database belongs to, or use another state directory" },
	[SR_BL_ACTING_USER_INVALID] = { "acting-user-invalid", false, true, false,
		"Make the acting user an active member with the configured role and access to all buildings; it is checked again by itself" },
	[SR_BL_SCHOOLOGY_AUTH]      = { "schoology-auth",      false, true, false,
		"Put a valid Schoology key and secret in place and restart; personal keys read only their own data since June 2025" },
	[SR_BL_POWERSCHOOL_AUTH]    = { "powerschool-auth",    true,  true, false,
		"Put the plugin's client id and secret in place (Plugin Management, Data Provider Configuration) and restart" },
	[SR_BL_PLUGIN_RIGHT]        = { "plugin-right",        true,  true, false,
		"Install or enable the sisroll plugin in PowerSchool and grant the rights it asks for" },
	[SR_BL_DUPLICATE_SUSPECT]   = { "duplicate-suspect",   false, true, true,
		"Look at sisrollctl plan show; if the new objects are right: sisrollctl unblock SCHOOL duplicate-suspect --reason TEXT" },
	[SR_BL_FOREIGN_WRITER]      = { "foreign-writer",      false, true, true,
		"Set the other integration to Manual; then sisrollctl unblock SCHOOL foreign-writer --reason TEXT" },
	[SR_BL_NO_BUILDING]         = { "no-building",         false, true, false,
		"Give the Schoology building the school number as building code, or set `building` in [school N]" },
	[SR_BL_YEAR_LOST]           = { "year-lost",           false, true, true,
		"Restore the terms of the active year in PowerSchool; it clears by itself, or sisrollctl unblock SCHOOL year-lost" },
	/* clang-format on */
};

const sr_block_def *sr_block_find(const char *code)
{
	for (size_t i = 0; i < SR_BL_COUNT; i++)
		if (strcmp(sr_blocks[i].code, code) == 0)
			return &sr_blocks[i];
	return NULL;
}
