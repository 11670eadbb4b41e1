/* The two ways an answer is written. PowerSchool makes XML, and JSON from that XML: whence the
 * lists that are no lists, and the numbers that were text (contracts/powerschool.md section 4). */
#include <string.h>

#include "ps_call.h"

/* ---- JSON ---- */

/* Text of digits alone becomes a number, and loses its leading zeros. Takes `value`. */
static json_t *bridged_text(json_t *value)
{
	const char *s = json_string_value(value);
	json_t *number = NULL;
	int64_t n;

	if (*s && strspn(s, "0123456789") == strlen(s) && sr_parse_i64(s, &n))
		number = json_integer(n);
	if (!number)
		return value;
	json_decref(value);
	return number;
}

/* What `value` becomes; NULL: nothing at all. Takes a reference, gives one. */
static json_t *bridged(json_t *value, bool keep_lists, int *rc)
{
	json_t *only;

	switch (json_typeof(value)) {
	case JSON_STRING:
		return bridged_text(value);
	case JSON_NULL:
		return NULL;
	case JSON_ARRAY:
		*rc |= sim_ps_bridge(value, keep_lists);
		if (!json_array_size(value) || (json_array_size(value) == 1 && !keep_lists)) {
			only = json_incref(json_array_get(value, 0));
			json_decref(value);
			return only;
		}
		return value;
	default:
		*rc |= sim_ps_bridge(value, keep_lists);
		return value;
	}
}

static int bridge_array(json_t *array, bool keep_lists)
{
	int rc = 0;

	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *value = bridged(json_incref(json_array_get(array, i)), keep_lists, &rc);

		if (value)
			rc |= json_array_set_new(array, i, value);
	}
	return rc;
}

int sim_ps_bridge(json_t *tree, bool keep_lists)
{
	const char *name;
	json_t *value;
	void *next;
	int rc = 0;

	if (json_is_array(tree))
		return bridge_array(tree, keep_lists);
	json_object_foreach_safe(tree, next, name, value)
	{
		value = bridged(json_incref(value), keep_lists, &rc);
		if (value)
			rc |= json_object_set_new(tree, name, value);
		else
			rc |= json_object_del(tree, name);
	}
	return rc;
}

/* ---- XML ---- */

static void put_text(sr_buf *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			sr_buf_puts(out, "&amp;");
			break;
		case '<':
			sr_buf_puts(out, "&lt;");
			break;
		case '>':
			sr_buf_puts(out, "&gt;");
			break;
		case '"':
			sr_buf_puts(out, "&quot;");
			break;
		default:
			/* XML 1.0 has no word for other control characters. */
			if ((unsigned char)*s >= 0x20 || strchr("\t\n\r", *s))
				sr_buf_putc(out, *s);
		}
	}
}

static void put_scalar(sr_buf *out, const json_t *value)
{
	SR_AUTO_FREE char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);

	put_text(out, json_is_string(value) ? json_string_value(value) : text ? text : "");
}

static void put_attributes(sr_buf *out, const json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		if (*name != '@')
			continue;
		sr_buf_printf(out, " %s=\"", name + 1);
		put_scalar(out, value);
		sr_buf_putc(out, '"');
	}
}

static void put_element(sr_buf *out, const char *name, const json_t *value);

static void put_children(sr_buf *out, const json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		if (*name != '@')
			put_element(out, *name == '$' ? name + 1 : name, value);
	}
}

static void put_element(sr_buf *out, const char *name, const json_t *value)
{
	if (json_is_null(value))
		return;
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			put_element(out, name, json_array_get(value, i));
		return;
	}
	sr_buf_printf(out, "<%s", name);
	put_attributes(out, value);
	sr_buf_putc(out, '>');
	if (json_is_object(value))
		put_children(out, value);
	else
		put_scalar(out, value);
	sr_buf_printf(out, "</%s>", name);
}

/* {"students":{...}} names its own root; anything else is put below <results>. */
void sim_ps_xml(const json_t *tree, sr_buf *out)
{
	void *first = json_object_iter((json_t *)tree);
	bool named = json_object_size(tree) == 1 && json_is_object(json_object_iter_value(first));

	sr_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	if (named)
		put_element(out, json_object_iter_key(first), json_object_iter_value(first));
	else
		put_element(out, "results", tree);
}
