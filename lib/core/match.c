/* Keys are text that people made. They are compared trimmed and case-folded, but never rebuilt:
 * "0042" and "42" are two keys. */
#include "core/match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xxhash.h>

#define FIELD_NAME_MAX 64

/* One `{field}` at `*at`, which is moved behind it. NULL: no such form, or no value. */
static const char *expand_field(const char **at, sr_template_get get, void *arg)
{
	const char *close = strchr(*at, '}');
	char name[FIELD_NAME_MAX];
	size_t len;

	if (!close)
		return NULL;
	len = (size_t)(close - *at) - 1;
	if (len == 0 || len >= sizeof(name))
		return NULL;
	memcpy(name, *at + 1, len);
	name[len] = '\0';
	*at = close + 1;
	return get(arg, name);
}

void sr_template_expand(const char *tpl, sr_template_get get, void *arg, sr_buf *out)
{
	const char *value;

	sr_buf_clear(out);
	while (tpl && *tpl) {
		if (*tpl != '{') {
			sr_buf_putc(out, *tpl++);
			continue;
		}
		value = expand_field(&tpl, get, arg);
		if (!value || !*value) {
			sr_buf_clear(out);
			return;
		}
		sr_buf_puts(out, value);
	}
}

static bool among(const char *const *allowed, const char *name, size_t len)
{
	for (; *allowed; allowed++)
		if (strlen(*allowed) == len && memcmp(*allowed, name, len) == 0)
			return true;
	return false;
}

int sr_template_check(const char *tpl, const char *const *allowed, sr_err *err)
{
	const char *at = tpl;

	while (*at) {
		size_t len;

		if (*at == '}')
			return sr_fail(err, SR_E_PARSE, "template %s: a } without its {", tpl);
		if (*at++ != '{')
			continue;
		len = strcspn(at, "{}");
		if (at[len] != '}')
			return sr_fail(err, SR_E_PARSE, "template %s: a { without its }", tpl);
		if (len >= FIELD_NAME_MAX || !among(allowed, at, len))
			return sr_fail(err, SR_E_INVALID, "template %s: there is no field {%.*s}", tpl, (int)len, at);
		at += len + 1;
	}
	return 0;
}

char *sr_key_fold(char *key)
{
	return sr_fold(sr_trim(key));
}

/* A holder of a key. `shared`: at least two persons hold it. */
typedef struct holder {
	char *key; /* NULL: the slot is free */
	int64_t person;
	bool shared;
} holder;

struct sr_keys {
	holder *slots; /* open addressing, at most three quarters full */
	size_t size, used, shared;
	sr_arena arena;
};

#define SLOTS_FIRST 256u

sr_keys *sr_keys_new(void)
{
	sr_keys *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->slots = calloc(SLOTS_FIRST, sizeof(*k->slots));
	k->size = SLOTS_FIRST;
	if (!k->slots) {
		free(k);
		return NULL;
	}
	return k;
}

void sr_keys_free(sr_keys *k)
{
	if (!k)
		return;
	sr_arena_done(&k->arena);
	free(k->slots);
	free(k);
}

/* The slot of the key, or the free one where it belongs. Sizes are powers of two. */
static holder *slot_of(holder *slots, size_t size, const char *key)
{
	size_t i = (size_t)XXH3_64bits(key, strlen(key)) & (size - 1);

	while (slots[i].key && strcmp(slots[i].key, key) != 0)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static int grow(sr_keys *k, sr_err *err)
{
	holder *slots = calloc(k->size * 2, sizeof(*slots));

	if (!slots)
		return sr_fail_nomem(err);
	for (size_t i = 0; i < k->size; i++)
		if (k->slots[i].key)
			*slot_of(slots, k->size * 2, k->slots[i].key) = k->slots[i];
	free(k->slots);
	k->slots = slots;
	k->size *= 2;
	return 0;
}

int sr_keys_add(sr_keys *k, const char *folded_key, int64_t person, sr_err *err)
{
	holder *h;
	char *copy;

	if (!*folded_key)
		return 0;
	if (k->used >= k->size / 4 * 3 && grow(k, err) < 0)
		return -1;
	h = slot_of(k->slots, k->size, folded_key);
	if (h->key) {
		k->shared += !h->shared && h->person != person;
		h->shared |= h->person != person;
		return 0;
	}
	copy = sr_arena_strdup(&k->arena, folded_key);
	if (!copy)
		return sr_fail_nomem(err);
	*h = (holder){ .key = copy, .person = person };
	k->used++;
	return 0;
}

bool sr_keys_collides(const sr_keys *k, const char *folded_key)
{
	const holder *h = slot_of(k->slots, k->size, folded_key);

	return h->key && h->shared;
}

size_t sr_keys_collision_count(const sr_keys *k)
{
	return k->shared;
}

/* Equal when trimmed and folded; what is missing or empty equals nothing. */
static bool same_text(const char *a, const char *b)
{
	size_t a_len, b_len;

	if (!a || !b)
		return false;
	a = sr_trimmed(a, &a_len);
	b = sr_trimmed(b, &b_len);
	return a_len > 0 && a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

bool sr_match_same_person(const char *first, const char *preferred, const char *last, const char *email,
	const char *username, const char *found_first, const char *found_preferred, const char *found_last,
	const char *found_email, const char *found_username)
{
	bool first_agrees = same_text(first, found_first) || same_text(first, found_preferred) ||
			    same_text(preferred, found_first) || same_text(preferred, found_preferred);

	return (first_agrees && same_text(last, found_last)) || same_text(email, found_email) ||
	       same_text(username, found_username);
}
