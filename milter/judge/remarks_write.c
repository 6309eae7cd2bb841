/* SPDX-License-Identifier: Apache-2.0 */
/* Where a rule says that a sentence is to be read, nobody may miss it: in the text, or else in the header. */
#include "judge/remarks_write.h"
#include "engine/remarks.h"
#include "message/insert.h"

/* Of the remarks that are still to be written; the others stay as they are. */
typedef struct {
    GPtrArray *remarks; /* RemarkResult, borrowed */
    GArray *insertions; /* Insertion, the same order */
} Wanted;

static Wanted wanted_of(const Decision *decision) {
    Wanted wanted = {g_ptr_array_new(), g_array_new(FALSE, TRUE, sizeof(Insertion))};
    for (guint i = 0; i < decision->remarks->len; i++) {
        RemarkResult *remark = g_ptr_array_index(decision->remarks, i);
        if (remark->form == REMARK_IN_HEADER)
            continue;
        Insertion insertion = {
            .text = remark->text, .pieces = remark->pieces, .top = remark->banner, .anywhere = remark->anywhere};
        g_array_append_val(wanted.insertions, insertion);
        g_ptr_array_add(wanted.remarks, remark);
    }
    return wanted;
}

static const char *write_all(const JudgeMessage *message, const Facts *facts, Tree *tree, Wanted *wanted,
                             Rewriting *rewriting) {
    if (message->fixed_body)
        return "the mail server lets no filter change it";
    if (message->too_large)
        return "the message is too large to be read whole";
    if (!facts->judged || !tree)
        return "the message could not be read";
    return insert_texts(tree, facts, (Slice){message->data, message->length}, wanted->insertions, rewriting);
}

/* Of a message of one text its header is that of the text. */
static void set_header(Decision *decision, const Facts *facts, const char *name, const char *value) {
    const char *op = facts_header(facts, name) ? "replace" : "add";
    if (value)
        g_ptr_array_add(decision->headers, header_edit_new(op, name, 1, value));
}

static void take(Decision *decision, const Facts *facts, Rewriting *rewriting) {
    if (rewriting->edits->len)
        g_array_append_vals(decision->body_edits, rewriting->edits->data, rewriting->edits->len);
    g_string_append_len(decision->body_bytes, rewriting->bytes->str, (gssize)rewriting->bytes->len);
    set_header(decision, facts, "Content-Type", rewriting->content_type);
    set_header(decision, facts, "Content-Transfer-Encoding", rewriting->encoding);
    if ((rewriting->content_type || rewriting->encoding) && !facts_header(facts, "MIME-Version"))
        set_header(decision, facts, "MIME-Version", "1.0");
}

static void conclude(Decision *decision, RemarkResult *remark, InsertResult result, const char *where,
                     const char *why) {
    if (result == INSERT_NOT) {
        remark_to_header(decision, remark, why);
        return;
    }
    remark->form = result == INSERT_DONE ? REMARK_IN_BODY : REMARK_THERE;
    g_free(remark->why);
    remark->why = g_strdup(result == INSERT_DONE ? where : "");
}

void remarks_write(const JudgeMessage *message, const Facts *facts, Tree *tree, Decision *decision) {
    if (!decision->remarks->len)
        return;
    Wanted wanted = wanted_of(decision);
    g_autoptr(Rewriting) rewriting = rewriting_new();
    const char *why = wanted.remarks->len ? write_all(message, facts, tree, &wanted, rewriting) : NULL;
    for (guint i = 0; i < wanted.remarks->len; i++)
        conclude(decision, g_ptr_array_index(wanted.remarks, i), g_array_index(wanted.insertions, Insertion, i).result,
                 rewriting->where, why ? why : "");
    if (!why)
        take(decision, facts, rewriting);
    g_ptr_array_unref(wanted.remarks);
    g_array_unref(wanted.insertions);
}
