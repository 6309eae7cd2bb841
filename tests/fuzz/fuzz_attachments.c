/* SPDX-License-Identifier: Apache-2.0 */
/* An attachment of any kind: documents, archives, text. What comes out must be what facts promise. */
#include "message/document.h"
#include "message/message.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file may be called unreadable with a reason, or readable without one. */
static void check(const AttachmentFact *fact, const GString *text) {
    if (!g_utf8_validate(text->str, (gssize)text->len, NULL) || text->len > ATTACHED_TEXT_MAX ||
        fact->readable != (*fact->why == '\0'))
        abort();
    const GPtrArray *const lists[] = {fact->authors, fact->entries};
    for (size_t list = 0; list < G_N_ELEMENTS(lists); list++)
        for (guint i = 0; i < lists[list]->len; i++)
            if (!g_utf8_validate(g_ptr_array_index(lists[list], i), -1, NULL))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    message_prepare();
    Allowance allowance = allowance_for(size);
    g_autoptr(Facts) facts = facts_new(envelope_new());
    AttachmentFact *fact = attachment_fact_new();
    g_autoptr(GString) text = g_string_new(NULL);
    Document document = {.facts = facts, .fact = fact, .text = text, .allowance = &allowance, .charset = ""};
    fact->readable = true;
    g_ptr_array_add(facts->attachments, fact);
    document_read(&document, (Slice){(const char *)data, size});
    check(fact, text);
    return 0;
}
