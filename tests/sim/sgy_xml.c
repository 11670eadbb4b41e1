/* XML bodies and answers. Both are JSON inside: an element is a key, elements of one name are a list,
 * text is a text; the root's name means nothing. Which of the two a call speaks stands in Accept and
 * Content-Type. */
#include <string.h>
#include <strings.h>

#include <expat.h>

#include "sgy_int.h"

#define DEPTH_MAX 16

typedef struct xml_reader {
	XML_Parser parser;
	json_t *open[DEPTH_MAX]; /* owned until their end */
	sr_buf text[DEPTH_MAX];
	size_t depth;
	bool failed;
} xml_reader;

static void stop(xml_reader *r)
{
	r->failed = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int internal)
{
	(void)name, (void)system_id, (void)public_id, (void)internal;
	stop(arg);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
	xml_reader *r = arg;

	(void)name, (void)attributes;
	if (r->depth == DEPTH_MAX) {
		stop(r);
		return;
	}
	r->open[r->depth] = json_object();
	sr_buf_clear(&r->text[r->depth]);
	r->failed |= !r->open[r->depth];
	r->depth++;
}

static void on_text(void *arg, const char *text, int len)
{
	xml_reader *r = arg;

	if (r->depth > 0)
		sr_buf_add(&r->text[r->depth - 1], text, (size_t)len);
}

/* The second element of a name makes a list of the first. */
static void add_child(json_t *parent, const char *name, json_t *value)
{
	json_t *there = json_object_get(parent, name);

	if (!there) {
		json_object_set_new(parent, name, value);
	} else if (json_is_array(there)) {
		json_array_append_new(there, value);
	} else {
		json_t *list = json_pack("[O]", there);
		json_array_append_new(list, value);
		json_object_set_new(parent, name, list);
	}
}

/* An element without children is its text, white space around it left out. */
static json_t *element_value(xml_reader *r, size_t at)
{
	size_t len;
	const char *text = sr_trimmed(sr_buf_text(&r->text[at]), &len);

	if (json_object_size(r->open[at]) > 0 || r->text[at].failed)
		return r->open[at];
	json_decref(r->open[at]);
	return json_stringn(text, len);
}

static void on_end(void *arg, const char *name)
{
	xml_reader *r = arg;

	if (r->depth < 2 || r->failed)
		return;
	size_t at = --r->depth;
	add_child(r->open[at - 1], name, element_value(r, at));
	r->open[at] = NULL;
}

json_t *sgy_xml_parse(const char *text, size_t len)
{
	xml_reader r = { .parser = XML_ParserCreate(NULL) };
	json_t *root = NULL;

	if (!r.parser)
		return NULL;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	if (XML_Parse(r.parser, text, (int)len, 1) == XML_STATUS_OK && !r.failed)
		root = SR_TAKE(r.open[0]);
	XML_ParserFree(r.parser);
	for (size_t i = 0; i < DEPTH_MAX; i++) {
		json_decref(r.open[i]);
		sr_buf_done(&r.text[i]);
	}
	return root;
}

/* --- answers --- */

static void write_text(sr_buf *out, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };

	for (; *text; text++) {
		const char *entity = NULL;
		for (size_t i = 0; i < SR_COUNT_OF(entities); i++)
			entity = entities[i].c == *text ? entities[i].entity : entity;
		if (entity)
			sr_buf_puts(out, entity);
		else if ((unsigned char)*text >= ' ' ||
			 strchr("\t\n\r", *text)) /* XML has no other control character */
			sr_buf_putc(out, *text);
	}
}

static void write_scalar(sr_buf *out, const json_t *value)
{
	if (json_is_string(value))
		write_text(out, json_string_value(value));
	else if (json_is_integer(value))
		sr_buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		sr_buf_printf(out, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		sr_buf_putc(out, json_is_true(value) ? '1' : '0');
}

static bool is_blank(const json_t *value)
{
	return json_is_null(value) || (json_is_string(value) && !*json_string_value(value)) ||
	       (json_is_array(value) && json_array_size(value) == 0) ||
	       (json_is_object(value) && json_object_size(value) == 0);
}

static void write_value(sr_buf *out, const char *name, const json_t *value);

static void write_members(sr_buf *out, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
		write_value(out, key, value);
}

/* A list repeats its name; what is empty keeps its element, closed at once. */
static void write_value(sr_buf *out, const char *name, const json_t *value)
{
	size_t i;
	json_t *item;

	if (is_blank(value)) {
		sr_buf_printf(out, "<%s />", name);
		return;
	}
	if (json_is_array(value)) {
		json_array_foreach(value, i, item)
			write_value(out, name, item);
		return;
	}
	sr_buf_printf(out, "<%s>", name);
	if (json_is_object(value))
		write_members(out, value);
	else
		write_scalar(out, value);
	sr_buf_printf(out, "</%s>", name);
}

void sgy_xml_write(sr_buf *out, const json_t *json)
{
	sr_buf_puts(out, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n");
	write_value(out, "result", json);
	sr_buf_putc(out, '\n');
}

/* --- which format --- */

static bool names(const char *type, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++)
		if (!strncasecmp(type + i, word, n))
			return true;
	return false;
}

/* The weight of one part of Accept: its q, 1 if there is none. */
static double weight(const char *part, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if (part[i] == ';') {
			size_t skip = strspn(part + i + 1, " \t");
			if (!strncasecmp(part + i + 1 + skip, "q=", 2))
				return strtod(part + i + 3 + skip, NULL);
		}
	return 1;
}

/* What Accept prefers of the two; SGY_UNSAID if it names neither. The first of equals wins. */
static sgy_format accepted(const char *accept)
{
	sgy_format best = SGY_UNSAID;
	double best_weight = 0;

	for (const char *p = accept; p && *p; p += strspn(p, ", \t")) {
		size_t len = strcspn(p, ",");
		sgy_format format = names(p, len, "json") ? SGY_JSON : names(p, len, "xml") ? SGY_XML : SGY_UNSAID;
		double w = weight(p, len);
		if (format != SGY_UNSAID && w > best_weight) {
			best = format;
			best_weight = w;
		}
		p += len;
	}
	return best;
}

static sgy_format typed(const char *type)
{
	if (!type)
		return SGY_UNSAID;
	return names(type, strlen(type), "xml") ? SGY_XML : names(type, strlen(type), "json") ? SGY_JSON : SGY_UNSAID;
}

void sgy_formats(sgy_call *call)
{
	sgy_format standard = call->sgy->options.default_format ? SGY_XML : SGY_JSON;
	sgy_format body = typed(sgy_request_header(call->request, "Content-Type"));
	sgy_format answer = accepted(sgy_request_header(call->request, "Accept"));

	call->body_format = body != SGY_UNSAID ? body : standard;
	call->answer_format = answer != SGY_UNSAID ? answer : call->body_format;
}
