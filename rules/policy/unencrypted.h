/* SPDX-License-Identifier: Apache-2.0 */
/* How everybody who speaks of held mail says that it would leave unencrypted: the page of `explain`, lists, refusals and
 * notices. */
#pragma once

/* "" when it would not, else "yes" (a rule asks for encryption) or "unknown", from the member `in_clear` of a record
 * (store/changes.md). NULL: held before it was known what would become of it. Static. */
const char *unencrypted_state(const char *in_clear);

/* "would leave unencrypted to `to`, although a rule asks for encryption"; NULL: it would not. `to` may be empty: nobody
 * may be named. Caller owns. */
char *unencrypted_words(const char *in_clear, const char *to);
