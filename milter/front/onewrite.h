/* SPDX-License-Identifier: Apache-2.0 */
/* All that the front changes in a message goes to the MTA in one write. libmilter gives each header a write of its own,
 * and with each the MTA's process is woken.
 *
 * writev(2), by which libmilter writes, is replaced in this program: between begin and end its packets of this thread
 * wait in memory. Nothing waits outside of the two. Any thread. */
#pragma once
#include <stdbool.h>

void onewrite_begin(void);

/* Writes what waits. False: the MTA cannot be written to, and has not heard all of it. */
bool onewrite_end(void);
