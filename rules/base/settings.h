/* SPDX-License-Identifier: Apache-2.0 */
/* One setting, said once: its name, type, default, bounds and help. The parser of the configuration, the error messages and
 * the table in lexgate.conf(5) all come from tables of these. */
#pragma once
#include "base/instant.h"
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    SETTING_TEXT,     /* char *  */
    SETTING_PATH,     /* char *, relative to the naming file */
    SETTING_WORD,     /* char *, one of `words` */
    SETTING_NUMBER,   /* int64_t, between min and max */
    SETTING_FLAG,     /* bool */
    SETTING_DURATION, /* Duration, written "10s", "5m", "2h" (wall time) */
    SETTING_TEXTS,    /* GPtrArray * of char *: one string or a list of them */
    SETTING_PATHS,    /* the same, paths */
} SettingType;

typedef struct {
    const char *group; /* "redis"; NULL for a member of the top level or of a repeated group */
    const char *name;
    SettingType type;
    size_t offset;             /* of the field in the struct that is filled */
    const char *otherwise;     /* default as one would write it; NULL: empty, 0, false */
    int64_t min, max;          /* numbers, and durations in seconds */
    const char *const *words;  /* NULL-ended */
    bool required;
    const char *help;          /* one sentence for the manual */
} Setting;
