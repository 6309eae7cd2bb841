/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a daemon: syslog (facility mail), or standard error in the foreground.
 *
 * Lines about a message begin with its queue id. No body, subject, client address, key or matched text is ever passed
 * in. Control characters in arguments come out as '?', so that a line cannot forge another. Any thread. */
#pragma once
#include <stdbool.h>

/* `program` must outlive the process (a literal). Also takes over GLib's log, dropping its texts: GMime's warnings can
 * quote mail; only a count is kept. */
void log_open(const char *program, bool foreground);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Warnings that libraries wanted to log since log_open(). */
unsigned long log_library_warnings(void);
