/* The interface descriptions that clients may ask for, embedded at build.
 * Never parsed by us. */
#pragma once

extern const char sr_idl_control[]; /* schema/control/org.sisroll.Control.varlink */
extern const char sr_idl_service[]; /* org.varlink.service, as the Varlink project defines it */
