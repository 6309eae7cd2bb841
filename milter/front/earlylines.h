/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of queue ids that nobody knows yet: the log is quicker than the journal, and of a message that is forwarded it
 * names the new queue id before it says whose it is. The newest 8,192 are kept. Not for threads. */
#pragma once
#include "front/mtaline.h"

typedef struct EarlyLines EarlyLines;

EarlyLines *earlylines_new(void);
void earlylines_free(EarlyLines *early);

/* A line that gives a message another queue id is one of the old id's. */
void earlylines_keep(EarlyLines *early, const MtaLine *line);

/* Did this log name the queue id of late? */
bool earlylines_names(const EarlyLines *early, const char *queue_id);

/* Gives the lines of a queue id in their order and forgets them. `take` keeps none. */
void earlylines_replay(EarlyLines *early, const char *queue_id, void (*take)(const MtaLine *line, void *state),
                       void *state);
