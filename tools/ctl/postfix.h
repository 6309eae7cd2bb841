/* SPDX-License-Identifier: Apache-2.0 */
/* Postfix's own commands, asked without a shell. `folder` is its configuration directory; NULL: MAIL_CONFIG or
 * Postfix's default. */
#pragma once
#include "base/json.h"

/* Standard output of a command of Postfix (caller owns), standard error in *said (may be NULL; caller owns). NULL with
 * error when it is not installed or did not exit with 0. */
char *postfix_run(const char *folder, const char *const *words, char **said, GError **error);

/* The same of a command that reads `input` and whose exit status only says whether it found something: NULL with error
 * alone when it could not be run. */
char *postfix_ask(const char *folder, const char *const *words, const char *input, char **said, GError **error);

/* The hold queue as `postqueue -j` tells it: a JSON array of its objects (new reference). NULL with error. */
json_t *postfix_hold_queue(const char *folder, GError **error);

/* In which queue the first of these (char *) is that Postfix still has: "hold", "deferred", …; "" when it has none. NULL
 * with error. Caller owns. */
char *postfix_queue_of(const char *folder, const GPtrArray *queue_ids, GError **error);

/* The object of one queue id in it, borrowed; NULL: it is not on hold. */
const json_t *postfix_find(const json_t *hold_queue, const char *queue_id);

/* postsuper -H (let go) or -d (delete) for one message that is on hold. False with what it said. */
bool postfix_release(const char *folder, const char *queue_id, GError **error);
bool postfix_delete(const char *folder, const char *queue_id, GError **error);

/* Letters and digits only, as all queue ids are: nothing that postsuper could take for an option or for ALL. */
bool postfix_is_queue_id(const char *text);

/* Elements (char *) of a setting that is a list: separated by commas and white space, but for what stands in braces. */
GPtrArray *postfix_elements(const char *text);
