/* SPDX-License-Identifier: Apache-2.0 */
/* A subset of Mustache: {{name}} (escaped for HTML templates), {{{name}}}, {{#name}}…{{/name}}, {{^name}}…{{/name}},
 * lists of objects, {{! comments}}. Values come from JSON. Unknown names are errors: a template is checked when it is
 * loaded. */
#pragma once
#include "base/json.h"

/* Caller owns the text; NULL with line and name. */
char *template_fill(const char *pattern, const json_t *values, bool html, GError **error);
