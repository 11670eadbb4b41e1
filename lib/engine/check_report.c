/* What a look found: counted by kind, the first of it listed, all by keys and names of fields. */
#include "engine/check_priv.h"
#include "wire/json.h"

#define DAILY_GONE_MAX 10 /* sections that the daemon takes for deleted by itself in one look */
#define FINDINGS_MAX 500

static const char *const finding_names[SR_FI_COUNT] = {
	[SR_FI_MISSING] = "missing",
	[SR_FI_INACTIVE] = "inactive",
	[SR_FI_DIFFERENT] = "different",
	[SR_FI_MOVED] = "moved",
	[SR_FI_REPLACED] = "replaced",
	[SR_FI_ARCHIVED] = "archived",
	[SR_FI_REVIVED] = "revived",
	[SR_FI_FOREIGN] = "foreign",
	[SR_FI_FLIPPED] = "flipped",
};

static json_t *fields_json(const sr_kind *kind, uint32_t fields)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < kind->count; i++)
		if ((fields >> i & 1) && json_array_append_new(list, json_string(kind->fields[i].name)) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

void sr_check_found(sr_run *r, const sr_flaw *flaw, bool waits)
{
	struct sr_check *k = r->check;
	sr_json_obj o;

	k->counts[flaw->what]++;
	k->waits += waits || !k->ask.repair;
	if (json_array_size(k->findings) >= FINDINGS_MAX)
		return;
	o = sr_json_obj_new();
	sr_json_put_text(&o, "kind", sr_tgt_name(flaw->kind));
	sr_json_put_text(&o, "key", flaw->key);
	sr_json_put_text(&o, "what", finding_names[flaw->what]);
	sr_json_put(&o, "fields", fields_json(&sr_tgt_kinds[flaw->kind], flaw->fields));
	sr_json_put_bool(&o, "waits", waits);
	sr_json_put_text(&o, "text", flaw->text);
	if (json_array_append_new(k->findings, sr_json_obj_take(&o)) != 0)
		k->nomem = true;
}

bool sr_check_takes(const sr_run *r, sr_tgt kind, sr_finding what)
{
	const struct sr_check *k = r->check;

	if (!k->ask.daily)
		return k->ask.repair;
	/* That a section was deleted only makes it wait; but not a whole list of them on the word of one answer. */
	return kind == SR_TGT_SECTION && what == SR_FI_MISSING && k->counts[what] <= DAILY_GONE_MAX;
}

int sr_check_take(sr_run *r, sr_txn *t, sr_mirror_row *row, sr_err *err)
{
	r->check->taken++;
	row->read_ms = sr_now_ms(r->e);
	return sr_store_mirror_put(t, row, err);
}

static json_t *coverage_json(const struct sr_check *k)
{
	static const char *const names[SR_CK_COUNT] = { "users", "sections", "courses", "accounts", "class_lists",
		"members" };
	json_t *list = json_array();

	for (int i = 0; list && i < SR_CK_COUNT; i++) {
		int64_t seen = k->pass.seen[i], total = k->totals[i] > seen ? k->totals[i] : seen;

		if (k->ask.daily && seen == 0)
			continue; /* the daily look does not go there */
		json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "what", names[i], "read", (json_int_t)seen,
						    "total", (json_int_t)total));
	}
	return list;
}

json_t *sr_check_json(const sr_run *r)
{
	const struct sr_check *k = r->check;
	sr_json_obj o, found;
	int64_t all = 0;

	if (!k)
		return NULL;
	o = sr_json_obj_new();
	found = sr_json_obj_new();
	for (int i = 0; i < SR_FI_COUNT; i++) {
		all += k->counts[i];
		if (k->counts[i])
			sr_json_put_int(&found, finding_names[i], k->counts[i]);
	}
	sr_json_put_bool(&o, "complete", k->complete);
	sr_json_put_bool(&o, "repair", k->ask.repair);
	sr_json_put_int(&o, "requests", k->requests);
	sr_json_put_int(&o, "budget", k->ask.budget);
	sr_json_put(&o, "coverage", coverage_json(k));
	sr_json_put(&o, "found", sr_json_obj_take(&found));
	sr_json_put_int(&o, "found_count", all);
	sr_json_put_int(&o, "extra_members", k->extra_members);
	sr_json_put_int(&o, "taken", k->taken);
	sr_json_put_int(&o, "waits", k->waits);
	sr_json_put(&o, "findings", json_incref(k->findings));
	return sr_json_obj_take(&o);
}
