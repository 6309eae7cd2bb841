/* SPDX-License-Identifier: Apache-2.0 */
/* Whose journal it is: the writer's name, made once for a role, and the lock that keeps a second process out. */
#pragma once
#include <glib.h>

/* "role-ID" from FOLDER/ROLE.id, which is made when missing; caller owns. */
char *ownership_name(const char *folder, const char *role, GError **error);

/* Locks FOLDER/WRITER.lock; waits for a process that is just ending. The descriptor, or -1. */
int ownership_lock(const char *folder, const char *writer, int wait_ms, GError **error);
