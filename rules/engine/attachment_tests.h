/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of engine/tests.c that are about what lies in an attachment. */
#pragma once
#include "engine/tests.h"

Match test_attachment_kind(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_encrypted(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_tracked_changes(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_comments(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_hidden(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_macros(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_size_over(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_author(const Condition *condition, const Scope *scope, GPtrArray *why);
Match test_attachment_entry(const Condition *condition, const Scope *scope, GPtrArray *why);
