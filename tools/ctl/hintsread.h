/* SPDX-License-Identifier: Apache-2.0 */
/* Hints that somebody wrote by hand: a mistyped member would silently lose the thread that it is about. */
#pragma once
#include "facts/hints.h"

/* As hints_from_json(), and an unknown member is an error with the nearest known one. */
Hints *hints_read(const json_t *object, GError **error);
