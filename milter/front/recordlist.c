/* SPDX-License-Identifier: Apache-2.0 */
/* Absent members are empty. */
#include "front/recordlist.h"

void recordlist_texts(GString *out, const char *name, const JsonView *list, const char *const *members) {
    if (!view_count(list))
        return;
    jsontext_open(out, name, '[');
    for (const JsonView *item = view_first(list); item; item = view_next(list, item)) {
        jsontext_open(out, NULL, '{');
        for (const char *const *member = members; *member; member++) {
            const char *text = view_text_or(item, *member, "");
            if (*text)
                jsontext_text(out, *member, text);
        }
        jsontext_close(out, '}');
    }
    jsontext_close(out, ']');
}
