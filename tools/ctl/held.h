/* SPDX-License-Identifier: Apache-2.0 */
/* Held mail: our record of why, joined with the MTA's hold queue. */
#pragma once
#include "ctl/firm.h"
#include <jansson.h>

/* One record (store/changes.md) with stable names: queue_id, since, sender (of ours), client, matter, rules, confirm,
 * copies, in_clear, partly, from, to, subject, in_clear_to; the last four are opened when `keys` (may be NULL) can,
 * else null. New reference. */
json_t *held_to_json(const json_t *record, Keyring *keys);

/* The queue ids under which the MTA has it: its copies', else its own. char *; caller owns. */
GPtrArray *held_queue_ids(const json_t *record);

/* "would leave unencrypted to …, although a rule asks for encryption: …"; NULL: it would not. Caller owns. */
char *held_in_clear(const json_t *held);

/* "holds copies for a part of its recipients: …"; NULL: it is a whole message. Caller owns. */
char *held_part(const json_t *held);

/* For people, one message in lines. */
void held_print(const json_t *held);
