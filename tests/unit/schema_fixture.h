/* For tests: holds an answer against schema/control/METHOD.schema.json, as far as those schemas go: $ref, type,
 * anyOf, properties, required, items. Never used by anything that ships. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

static inline bool schema_fits(const json_t *root, const json_t *schema, const json_t *value, char *where, size_t size);

static inline bool schema_type_fits(const char *type, const json_t *value)
{
	static const struct {
		const char *name;
		json_type type;
	} rows[] = { { "object", JSON_OBJECT }, { "array", JSON_ARRAY }, { "string", JSON_STRING },
		{ "integer", JSON_INTEGER }, { "null", JSON_NULL } };

	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(value);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, type) == 0)
			return json_typeof(value) == rows[i].type;
	return true;
}

static inline bool schema_object_fits(
	const json_t *root, const json_t *schema, const json_t *value, char *where, size_t size)
{
	size_t len = strlen(where), i;
	json_t *sub, *name, *v;
	const char *key;

	json_array_foreach(json_object_get(schema, "required"), i, name)
		if (!json_object_get(value, json_string_value(name))) {
			snprintf(where + len, size - len, ".%s is missing", json_string_value(name));
			return false;
		}
	json_object_foreach(json_object_get(schema, "properties"), key, sub) {
		if (!(v = json_object_get(value, key)))
			continue;
		snprintf(where + len, size - len, ".%s", key);
		if (!schema_fits(root, sub, v, where, size))
			return false;
		where[len] = '\0';
	}
	return true;
}

static inline bool schema_any_fits(
	const json_t *root, const json_t *list, const json_t *value, char *where, size_t size)
{
	size_t len = strlen(where), i;
	json_t *sub;

	json_array_foreach((json_t *)list, i, sub) {
		where[len] = '\0';
		if (schema_fits(root, sub, value, where, size)) {
			where[len] = '\0';
			return true;
		}
	}
	return false;
}

static inline bool schema_fits(const json_t *root, const json_t *schema, const json_t *value, char *where, size_t size)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	const char *type = json_string_value(json_object_get(schema, "type"));
	const json_t *any = json_object_get(schema, "anyOf");
	size_t i;
	json_t *item;

	if (ref)
		return schema_fits(root, json_object_get(json_object_get(root, "$defs"), ref + strlen("#/$defs/")),
			value, where, size);
	if (any)
		return schema_any_fits(root, any, value, where, size);
	if (type && !schema_type_fits(type, value))
		return false;
	json_array_foreach(json_is_array(value) ? (json_t *)value : NULL, i, item)
		if (json_object_get(schema, "items") &&
			!schema_fits(root, json_object_get(schema, "items"), item, where, size))
			return false;
	return !json_is_object(value) || schema_object_fits(root, schema, value, where, size);
}

static inline void schema_check(const char *method, const json_t *reply)
{
	char path[300], where[300] = "reply";
	json_t *root;

	snprintf(path, sizeof(path), SISROLL_SOURCE "/schema/control/%s.schema.json", method);
	root = json_load_file(path, 0, NULL);
	if (!root)
		fail_msg("%s cannot be read", path);
	if (!schema_fits(root, json_object_get(json_object_get(root, "$defs"), "reply"), reply, where, sizeof(where)))
		fail_msg("%s does not fit its schema at %s", method, where);
	json_decref(root);
}
