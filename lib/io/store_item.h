/* Inside the store: the columns of a plan's item, shared by plan and outbox.
 * Never included outside lib/io/store*.c. */
#pragma once
#include "io/store_db.h"
#include "io/store_plan.h"

#define SR_ITEM_COLS                                                                                \
	"seq, stage, kind, op, a, b, key, fields, before, after, login, waits, why, state, batch, " \
	"attempts, code, message, sent_ms, ended_ms"

/* `at` leads to the sr_item_row inside `row`: nothing, or `member.`. */
/* clang-format off */
#define SR_ITEM_SHAPE_COLS(row, at)                                                                             \
	SR_COL(I64, row, at item.seq), SR_COL_ENUM(row, at item.stage, SR_SG_COUNT),                            \
		SR_COL_ENUM(row, at item.kind, SR_TGT_COUNT), SR_COL_ENUM(row, at item.op, SR_OP_COUNT),        \
		SR_COL(I64, row, at item.ident.a), SR_COL(I64, row, at item.ident.b),                           \
		SR_COL(TEXT, row, at item.key), SR_COL(INT, row, at item.fields),                               \
		SR_COL(NPACKED, row, at item.before), SR_COL(NPACKED, row, at item.after),                      \
		SR_COL(BOOL, row, at item.login), SR_COL(BOOL, row, at item.waits),                             \
		SR_COL(NTEXT, row, at item.why), SR_COL_ENUM(row, at state, SR_IS_COUNT),                       \
		SR_COL(I64, row, at batch), SR_COL(INT, row, at attempts), SR_COL(INT, row, at code),           \
		SR_COL(NTEXT, row, at message), SR_COL(I64, row, at sent_ms), SR_COL(I64, row, at ended_ms)
/* clang-format on */

extern const sr_db_shape sr_item_shape;
