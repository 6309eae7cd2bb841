/* SPDX-License-Identifier: Apache-2.0 */
/* A pattern for text whose white space was taken out. */
#pragma once

/* The same pattern without what asks for white space or a word's edge: "\bwire +transfer\b" is "wiretransfer" there. The
 * matcher looks at edges itself. NULL when that is the pattern itself. Caller owns; may be no valid pattern. */
char *bare_pattern(const char *pattern);
