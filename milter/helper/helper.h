/* SPDX-License-Identifier: Apache-2.0 */
/* The helper: a process beside a judge that may start programs, and has nothing else. It takes the bytes of a PDF over a
 * socket (wire/helperwire.h) and gives what `pdftotext` makes of them. */
#pragma once

/* Forks one for this process, which must have a single thread and should have read nothing of a stranger's. It ends with
 * its parent. Gives the socket on which it is asked, -1 with errno. */
int helper_start(void);
