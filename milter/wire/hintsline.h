/* SPDX-License-Identifier: Apache-2.0 */
/* Hints between front and judge: lists instead of the objects that people write, so that thousands of names cost no
 * look-up each.
 *
 *   {"missing":false,"behind":false,"threads":[["ID","MATTER","CLIENT","OWNER",["DEADLINE", …]], …],
 *    "correspondents":[["ADDRESS",["STAFF", …]], …],"correspondents_missing":false,"from":"ADDRESS"} */
#pragma once
#include "facts/hints.h"

GString *hintsline_text(const Hints *hints); /* caller owns */

/* NULL when it is none. Caller owns. */
Hints *hintsline_read(const char *text, size_t length);
