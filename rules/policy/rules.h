/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a rule, shared by the loader and the test that holds the manual to them. */
#pragma once

/* Names in {braces} that `say` and the values of stamps may hold; NULL-ended. */
extern const char *const rule_placeholders[];

/* The keys of a rule; NULL-ended. */
extern const char *const rule_keys[];
