/* Keys: made from templates, checked for collisions across the district.
 * Never invents a key: an empty field makes an empty key. DESIGN section 4. */
#pragma once
#include "base/str.h"
#include "core/model.h"

/* Value of a template field, or NULL; borrowed. */
typedef const char *(*sr_template_get)(void *arg, const char *field);

/* Expands `{field}` parts. Result "" when any field of it is empty or unknown (a half key is no
 * key). Text outside braces is literal. */
void sr_template_expand(const char *tpl, sr_template_get get, void *arg, sr_buf *out);
/* Every {field} of `tpl` is among `allowed` (NULL-terminated) and braces balance. */
int sr_template_check(const char *tpl, const char *const *allowed, sr_err *err);

/* The comparable form of a people's key: trimmed, ASCII case folded, zeros kept. In place. */
char *sr_key_fold(char *key);

/* Collisions: feed every (folded key, person) of the district in any order, then ask. */
typedef struct sr_keys sr_keys;
sr_keys *sr_keys_new(void); /* NULL: out of memory */
void sr_keys_free(sr_keys *k);
int sr_keys_add(sr_keys *k, const char *folded_key, int64_t person, sr_err *err);
/* True if two different persons hold this key. */
bool sr_keys_collides(const sr_keys *k, const char *folded_key);
size_t sr_keys_collision_count(const sr_keys *k);

/* Is the account found under our key the same person? Names (trimmed, folded) equal, or e-mail
 * or username equal; first name may be the preferred one. Contract vendor-app 1: "accept only if
 * id and name agree". */
bool sr_match_same_person(const char *first, const char *preferred, const char *last, const char *email,
	const char *username, const char *found_first, const char *found_preferred, const char *found_last,
	const char *found_email, const char *found_username);
