/* SPDX-License-Identifier: Apache-2.0 */
/* Names that people take for one another: domains and persons.
 *
 * Two names are alike when their skeletons are equal or few edits apart. So that a name need not be compared with all
 * others, likeness_keys() gives numbers of which two alike names have at least one in common: the skeleton's beginning,
 * with up to two of its bytes left out (W. Garbe, SymSpell). What comes in need not be UTF-8. Pure; any thread. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the label that somebody registered ("harb0ur-law", an A-label too): letters that look alike are the same, pairs
 * that look like one letter are one, hyphens are left out. Caller owns. */
char *likeness_of_label(const char *label, size_t length);

/* Of a person's name: words in any order, without case, accents, punctuation and single letters. NULL when fewer than
 * two words are left: too little to know a person by. Caller owns. */
char *likeness_of_name(const char *name);

/* Of a name that says the surname and an initial: "M. Aldous", and "Margaret Aldous" or "Aldous, Margaret" when `whole`
 * says that the name is known to be a person's. It is no other name's skeleton, and alike only when equal. NULL: not such
 * a name. Caller owns. */
char *likeness_of_initial(const char *name, bool whole);

/* Are all words of one name ("Aldous & Partners") in the other ("Aldous and Partners, Accounts")? Of a name of a single
 * word there must be no other. */
bool likeness_name_within(const char *name, const char *other);

/* A word that is in many domains ("mail", "post"): no likeness to it says anything. */
bool likeness_is_generic(const char *skeleton);

/* The words that are put beside a known name to make another domain: of the trade ("law", "llp"), of money ("billing"), of
 * mail ("secure"), of places. As skeletons, NULL-ended. */
extern const char *const likeness_words[];

/* What is left of a label's skeleton without one or two of those words at its ends ("harbourlaw", "mybillingharbour":
 * "harbour"), where that is long enough to be a name: char *. Caller owns. */
GPtrArray *likeness_names_inside(const char *skeleton);

/* How many edits apart two skeletons may be and still be alike; the longer, the more. */
unsigned likeness_edits_of_label(const char *skeleton);
unsigned likeness_edits_of_name(const char *skeleton);

/* Edits from one skeleton to another (two letters changing places are one); more than `most` is any larger number. */
unsigned likeness_distance(const char *a, const char *b, unsigned most);

enum { LIKENESS_KEYS = 79 };

/* Of a name among those that are known: `edits` as above. Of a name that is looked for: 2. Returns how many there are,
 * without repeats. */
unsigned likeness_keys(const char *skeleton, unsigned edits, uint32_t keys[LIKENESS_KEYS]);
