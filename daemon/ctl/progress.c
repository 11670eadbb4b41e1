/* Schools run side by side, so the bar is of the sum over schools that have told a total; a pipe gets one line when a
 * school's phase changes and one each tenth of it. */
#include "progress.h"

#include <string.h>

#define BAR_CELLS 24
#define MEASURE_MIN_MS 6000

void ctl_progress_init(ctl_progress *p, const ctl_out *out, bool silent)
{
	*p = (ctl_progress){ .out = out, .bar = out->io->out_tty, .silent = silent || out->quiet };
}

/* The school's row; the last one is shared by those that do not fit. */
static ctl_progress_school *row_of(ctl_progress *p, int64_t school)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->schools[i].school == school)
			return &p->schools[i];
	if (p->count < CTL_PROGRESS_SCHOOLS)
		p->count++;
	p->schools[p->count - 1] = (ctl_progress_school){ .school = school };
	return &p->schools[p->count - 1];
}

static void add_line(sr_buf *text, const ctl_progress_school *row, const json_t *report)
{
	sr_buf_printf(text, "%lld", (long long)row->school);
	if (sr_json_int(report, "run", 0))
		sr_buf_printf(text, " run %lld", (long long)sr_json_int(report, "run", 0));
	sr_buf_putc(text, ' ');
	ctl_clean(text, row->phase);
	if (row->total > 0)
		sr_buf_printf(text, " %lld/%lld", (long long)row->done, (long long)row->total);
	if (sr_json_text(report, "text")) {
		sr_buf_puts(text, ": ");
		ctl_clean(text, sr_json_text(report, "text"));
	}
}

/* Plain lines: only what a reader of a log wants. */
static void print_line(
	ctl_progress *p, const ctl_progress_school *before, const ctl_progress_school *now, const json_t *report)
{
	bool same_phase = sr_streq(before->phase, now->phase);
	bool same_tenth = before->total == now->total &&
			  (now->total <= 0 || 10 * before->done / now->total == 10 * now->done / now->total);
	SR_AUTO(sr_buf) text = { 0 };

	if (same_phase && same_tenth)
		return;
	add_line(&text, now, report);
	fprintf(p->out->io->out, "%s\n", sr_buf_text(&text));
	fflush(p->out->io->out);
}

static void add_time_left(ctl_progress *p, int64_t done, int64_t total, sr_buf *text)
{
	int64_t now_ms = sr_clock_mono_ms(p->out->io->clock);
	int64_t spent_ms = now_ms - p->began_ms, progressed = done - p->began_done;

	if (spent_ms < MEASURE_MIN_MS || progressed <= 0 || done >= total)
		return;
	sr_buf_puts(text, "  ");
	ctl_span((int64_t)((double)spent_ms / 1000 * (double)(total - done) / (double)progressed), text);
	sr_buf_puts(text, " left");
}

/* A line longer than the terminal would leave its first half behind at every redraw. */
static void print_cut(const ctl_io *io, const char *text)
{
	int columns = io->columns > 0 ? io->columns : 80, used = 0;
	const char *end = text;

	for (; *end; end++)
		if (((unsigned char)*end & 0xc0) != 0x80 && ++used >= columns)
			break;
	fprintf(io->out, "\r\033[K%.*s", (int)(end - text), text);
	fflush(io->out);
}

static void draw_bar(ctl_progress *p, const ctl_progress_school *row, const json_t *report)
{
	int64_t done = 0, total = 0, cells;
	SR_AUTO(sr_buf) text = { 0 };

	for (size_t i = 0; i < p->count; i++) {
		done += p->schools[i].done;
		total += p->schools[i].total;
	}
	if (!sr_streq(p->phase, row->phase)) {
		memcpy(p->phase, row->phase, sizeof(p->phase));
		p->began_ms = sr_clock_mono_ms(p->out->io->clock);
		p->began_done = done;
	}
	if (total > 0) {
		cells = done >= total ? BAR_CELLS : BAR_CELLS * done / total;
		sr_buf_putc(&text, '[');
		for (int i = 0; i < BAR_CELLS; i++)
			sr_buf_putc(&text, i < cells ? '#' : '.');
		sr_buf_printf(&text, "] %3lld%%  ", (long long)(done >= total ? 100 : 100 * done / total));
	}
	add_line(&text, row, report);
	if (p->count > 1)
		sr_buf_printf(&text, "  (%zu schools)", p->count);
	add_time_left(p, done, total, &text);
	print_cut(p->out->io, sr_buf_text(&text));
	p->drawn = true;
}

void ctl_progress_report(void *progress, const json_t *params)
{
	ctl_progress *p = progress;
	const json_t *report = sr_json_object(params, "progress");
	const char *phase = sr_json_text(report, "phase");
	ctl_progress_school *row, before;

	if (p->silent || !report)
		return;
	row = row_of(p, sr_json_int(report, "school", 0));
	before = *row;
	row->done = sr_json_int(report, "done", 0);
	row->total = sr_json_int(report, "total", 0);
	/* Anybody may listen on a socket: the numbers are kept where sums and percentages cannot overflow. */
	row->total = row->total < 0 ? 0 : row->total > INT32_MAX ? INT32_MAX : row->total;
	row->done = row->done < 0 ? 0 : row->done > row->total ? row->total : row->done;
	snprintf(row->phase, sizeof(row->phase), "%s", phase ? phase : "working");
	if (p->bar)
		draw_bar(p, row, report);
	else
		print_line(p, &before, row, report);
}

void ctl_progress_done(ctl_progress *p)
{
	if (!p->drawn)
		return;
	fputs("\r\033[K", p->out->io->out);
	fflush(p->out->io->out);
	p->drawn = false;
}
