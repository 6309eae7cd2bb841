/* SPDX-License-Identifier: Apache-2.0 */
/* A judge's answer as the front checks it: what passes holds nothing but what the policy names, and no line break that
 * an SMTP reply or a header would obey. "@P@" and "@R@" stand for the digests of policy and registry. */
#include "base/text.h"
#include "front/answer.h"
#include <string.h>
#include "firm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char configuration[] = FIRM_HEAD
    "rules: ( { id = \"question\"; when: { direction = \"incoming\"; }; deadline = \"standard\"; },\n"
    " { id = \"stamp\"; stamp: { name = \"X-Firm\"; value = \"yes\"; }; copy_to = [\"archive@firm.test\"]; },\n"
    " { id = \"outcomes\"; subject_tag = \"[External]\"; priority = \"high\"; redirect = \"desk@firm.test\"; "
    "notify = \"leo@firm.test\"; },\n"
    " { id = \"text\"; banner: { text = \"Take care.\"; form = \"text\"; }; } );\n";

enum { EXTENT_AT = 100, EXTENT_LENGTH = 5000 };

static Policy *policy;
static Registry *registry;
static Envelope *envelope;

static void set_up(void) {
    policy = firm_load(configuration, &registry);
    envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("alice@firm.test"));
}

static void no_line_break(const char *text) {
    if (strpbrk(text, "\r\n"))
        abort();
}

static void look(const Answer *answer, bool trusted) {
    for (guint i = 0; i < answer->text->len; i++)
        no_line_break(g_ptr_array_index(answer->text, i));
    for (guint i = 0; i < answer->headers->len; i++) {
        const AnswerHeader *header = g_ptr_array_index(answer->headers, i);
        no_line_break(header->name);
        no_line_break(header->value);
        if (header->op != '-' && (text_equal_nocase(header->name, "From") || text_equal_nocase(header->name, "Bcc")))
            abort();
    }
    for (guint i = 0; i < answer->add_recipients->len; i++)
        if (!policy_is_ours(policy, g_ptr_array_index(answer->add_recipients, i)))
            abort(); /* every address of this policy is */
    size_t at = EXTENT_AT, added = 0;
    for (guint i = 0; i < answer->body->len; i++) {
        const ByteEdit *change = &g_array_index(answer->body, ByteEdit, i);
        if (change->at < at || change->at + change->removed > EXTENT_LENGTH)
            abort();
        at = change->at + change->removed;
        added += change->added;
    }
    if (added != answer->body_added || added > 4 * EXTENT_LENGTH + 64 * 65536)
        abort();
    if (!trusted && (answer->action == ACTION_REJECT || answer->action == ACTION_DEFER) && answer->text->len != 2)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!policy)
        set_up();
    GString *text = g_string_new_len((const char *)data, (gssize)size);
    g_string_replace(text, "@P@", policy_digest(policy), 1);
    g_string_replace(text, "@R@", registry_digest(registry), 1);
    for (int trusted = 0; trusted < 2; trusted++) {
        AnswerContext context = {.policy = policy,
                                 .registry = registry,
                                 .envelope = envelope,
                                 .trusted = trusted,
                                 .body = {.at = EXTENT_AT, .length = EXTENT_LENGTH}};
        g_autoptr(GError) error = NULL;
        JsonDocument *document = jsonview_parse(text->str, text->len, NULL);
        g_autoptr(Answer) answer = document ? answer_check(document, &context, &error) : NULL;
        if (answer)
            look(answer, trusted);
        else if (document && !error)
            abort();
    }
    g_string_free(text, TRUE);
    return 0;
}
