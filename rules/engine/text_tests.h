/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of engine/tests.c that look for words: in the message, its headers and the names of its attachments. */
#pragma once
#include "engine/tests.h"

Match test_subject(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_text(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_own_text(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_name(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_header_match(const Condition *condition, const Scope *scope, GPtrArray *why);
