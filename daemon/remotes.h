/* The two systems as the engine meets them: secrets read, transports opened, clients made.
 * Never talks to either by itself; never keeps a secret where it can be printed. */
#pragma once
#include "codec/config.h"
#include "io/loop.h"
#include "io/store.h"
#include "base/log.h"
#include "remote/source.h"
#include "remote/target.h"
#include "steps.h"

typedef struct sr_remotes sr_remotes;

/* Everything is borrowed and must outlive the result. */
typedef struct sr_remotes_config {
	sr_loop *loop;
	const sr_config *config;
	const char *credentials_dir; /* NULL: none */
	sr_store *store;             /* remembers the last timestamp signed */
	const sr_log *log;
	sr_steps *steps; /* counts what leaves and comes back */
} sr_remotes_config;

int sr_remotes_new(const sr_remotes_config *config, sr_remotes **out, sr_err *err);
void sr_remotes_free(sr_remotes *remotes); /* after the engine */

sr_source *sr_remotes_source(sr_remotes *remotes); /* PowerSchool */
sr_target *sr_remotes_target(sr_remotes *remotes); /* Schoology */

/* Credits of Schoology's rate window in use; fits sr_engine_config.usage, `arg` is the sr_remotes. */
void sr_remotes_usage(void *arg, int *used, int *credits);

/* Bytes nobody can guess; fits sr_engine_config.random, `arg` is not used. */
void sr_remotes_random(void *arg, void *bytes, size_t len);
