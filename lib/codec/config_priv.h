/* What the files of the configuration share: the table of settings and how one value is read.
 * Never included from outside this folder. */
#pragma once
#include "base/arena.h"
#include "codec/config.h"

typedef enum config_kind {
	CONFIG_TEXT,     /* const char * */
	CONFIG_PATH,     /* the same, absolute or empty */
	CONFIG_URL,      /* the same; http for loopback only; trailing slashes cut */
	CONFIG_ADDRESS,  /* the same, HOST:PORT or empty */
	CONFIG_TITLE,    /* const char *, NULL when empty */
	CONFIG_TEMPLATE, /* the same; `words` names the fields it may use */
	CONFIG_INT,      /* int64_t */
	CONFIG_DURATION, /* int64_t, milliseconds */
	CONFIG_DAYS,     /* int, whole days */
	CONFIG_BOOL,     /* bool */
	CONFIG_WORD,     /* int, index into `words` */
	CONFIG_DATE,     /* sr_day */
	CONFIG_TIME,     /* int, minute of the day */
	CONFIG_WINDOW,   /* sr_clock_window */
	CONFIG_WORDS,    /* const char *const *, and the size_t behind it */
	CONFIG_NUMBERS,  /* const int *, and the size_t behind it */
	CONFIG_RANGES,   /* of a group */
	CONFIG_KIND_COUNT
} config_kind;

/* Where a setting may stand and where its value lives. */
typedef enum config_scope {
	CONFIG_DISTRICT,    /* in its section; in sr_config */
	CONFIG_EVERYWHERE,  /* in its section; in sr_school_config, the same at every school */
	CONFIG_OVERRIDABLE, /* in its section and in [school *], [school N] */
	CONFIG_SCHOOL,      /* in [school *] and [school N] only */
	CONFIG_GROUP        /* in [group NAME] only */
} config_scope;

typedef struct config_row {
	const char *section, *key;
	config_kind kind;
	config_scope scope;
	size_t offset;
	const char *initial; /* as one would write it; NULL: must be given */
	const char *help;
	int64_t min, max;         /* CONFIG_INT, _DAYS, _NUMBERS: of the value; _DURATION: in ms */
	const char *const *words; /* ended by NULL */
	const char *const *needs; /* a template uses at least one of these fields; NULL: may be empty */
	const char *unit;         /* for people */
} config_row;

typedef struct config_list {
	const void *items;
	size_t count;
} config_list;

typedef union config_value {
	int64_t n;
	const char *text;
	sr_clock_window window;
	config_list list;
} config_value;

/* One setting as it stands in a file. */
typedef struct config_setting {
	const char *section, *key, *value;
	const char *file;
	int line;
	bool continued; /* an indented line that goes on with the value before it */
} config_setting;

/* Called once a [section] line (key NULL) and once a setting. */
typedef void (*config_setting_fn)(void *arg, const config_setting *s);
typedef void (*config_problem_fn)(void *arg, const char *file, int line, const char *text);

extern const config_row sr_config_rows[];
extern const size_t sr_config_row_count;

/* Reads one value; -1: `err` says in a sentence what was expected. */
int sr_config_value_read(const config_row *row, const char *text, sr_arena *arena, config_value *out, sr_err *err);
/* Puts it where its row says, in the struct that its scope says. */
void sr_config_value_store(const config_row *row, const config_value *value, void *base);

/* Walks through one file. -1: it cannot be read. Bad lines go to `problem`, and it goes on. */
int sr_config_file_read(const char *path, config_setting_fn setting, config_problem_fn problem, void *arg, sr_err *err);
