/* Replies into text or JSON: one row a verb says how.
 * Never asks the daemon anything; never decides more than the exit code the reply already means. */
#pragma once
#include "print.h"

/* Prints the verb's reply for people. The exit code tells whether all that was asked for was done. */
ctl_exit ctl_render_text(const ctl_out *o, const ctl_request *request, const json_t *reply, sr_err *err);
/* The exit code of the same reply, nothing printed. */
ctl_exit ctl_reply_exit(const ctl_request *request, const json_t *reply);

/* render_json.c: one document a call, errors too. */
void ctl_render_json(const ctl_io *io, const json_t *reply);
void ctl_render_json_error(const ctl_io *io, const char *error, const json_t *details);

/* The larger pictures, one file each; all return -1 with `err` where memory or the stream fails. */
int ctl_render_status(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_terms(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_years(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_preview(const ctl_out *o, const json_t *preview, sr_err *err);
int ctl_render_leavers(const ctl_out *o, const json_t *preview, sr_err *err);
int ctl_render_verify(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_verify_report(const ctl_out *o, const json_t *report, sr_err *err);
int ctl_render_undo(const ctl_out *o, const json_t *preview, sr_err *err);
int ctl_render_waiting(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_waiting_preview(const ctl_out *o, const json_t *preview, sr_err *err);
int ctl_render_waiting_items(const ctl_out *o, const json_t *items, const char *empty, sr_err *err);
int ctl_render_dates(const ctl_out *o, const json_t *preview, sr_err *err);
int ctl_render_gates(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_plan(const ctl_out *o, const json_t *reply, sr_err *err);
/* Cells of `plan summary`: "+120 ~3 -0" of the kind that the field names; "! 64 %" for an outlier. */
void ctl_cell_ops(const json_t *row, const char *field, sr_buf *out);
void ctl_cell_off(const json_t *row, const char *field, sr_buf *out);
void ctl_render_plan_csv(const ctl_out *o, const json_t *reply);
int ctl_render_run(const ctl_out *o, const json_t *reply, sr_err *err);
int ctl_render_explain(const ctl_out *o, const json_t *reply, sr_err *err);
