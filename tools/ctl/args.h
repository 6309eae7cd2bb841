/* SPDX-License-Identifier: Apache-2.0 */
/* Options of one command. Values are taken as they are, byte for byte, whatever the locale. */
#pragma once
#include "ctl/command.h"

/* No limit to the number of operands. */
#define ARGS_ANY -1

/* What the command did not take as options; freed with g_strfreev(). */
typedef struct {
    char **rest;
    int count;
} Args;

void args_clear(Args *args);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Args, args_clear)

/* -1: go on; otherwise the command is done and this is its exit status (help was asked for, or the usage is wrong).
 * `options` (NULL: none) ends with { NULL }; use G_OPTION_ARG_FILENAME for texts. */
int args_parse(const CommandLine *line, const GOptionEntry *options, int least, int most, Args *args);
