/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing passes because it was meant to be encrypted: whoever has a seal and gets no proof makes a refusal. */
#include "judge/encrypt_write.h"
#include "base/fields.h"
#include "base/text.h"
#include "engine/decide.h"
#include "engine/inclear.h"
#include "engine/reached.h"
#include "engine/seals.h"
#include "judge/rewrite.h"
#include "judge/sealer.h"
#include "message/fields.h"
#include "message/message.h"
#include "message/protect.h"

#define OBSCURED "[...]"

/* ---- The second proof ---- */

static Envelope *envelope_for(const GPtrArray *recipients, Instant now) {
    Envelope *envelope = envelope_new();
    for (guint i = 0; i < recipients->len; i++)
        g_ptr_array_add(envelope->recipients, g_strdup(g_ptr_array_index(recipients, i)));
    envelope->received = now;
    return envelope;
}

bool encrypt_prove(const CertStore *certs, Seal seal, const GPtrArray *recipients, Instant now, Bytes message,
                   char **why) {
    Proof wanted = seal == SEAL_SMIME ? PROOF_SMIME : PROOF_OPENPGP;
    MessageInput input = {.data = message.data, .length = message.length, .certs = certs};
    g_autoptr(Facts) facts = message_read(&input, envelope_for(recipients, now));
    for (guint i = 0; i < recipients->len; i++) {
        if (i < facts->proofs->len && g_array_index(facts->proofs, Proof, i) == wanted)
            continue;
        const char *said = i < facts->proof_whys->len ? g_ptr_array_index(facts->proof_whys, i) : "";
        *why = g_strdup_printf("read again, it is not encrypted to %s: %s", (char *)g_ptr_array_index(recipients, i),
                               *said ? said : "nothing in it is encrypted");
        return false;
    }
    return recipients->len > 0;
}

/* ---- Encrypting ---- */

typedef struct {
    const JudgeContext *context;
    const JudgeMessage *message;
    Decision *decision;
    GString *head; /* as it goes on in clear */
    size_t body_at;
    GArray *pieces; /* Bytes: the body, the same */
    ProtectInput input;
} Work;

static bool add_piece(void *state, const char *data, size_t length) {
    Bytes piece = {data, length};
    if (length > 0)
        g_array_append_val((GArray *)state, piece);
    return true;
}

static void work_begin(Work *work, const EngineInput *in) {
    const Decision *decision = work->decision;
    const Sealer *sealer = work->context->sealer;
    work->head = rewrite_head(work->message->data, work->message->length, decision->headers, &work->body_at);
    work->pieces = g_array_new(FALSE, FALSE, sizeof(Bytes));
    byteedits_each(work->message->data, work->body_at, work->message->length, decision->body_edits,
                   decision->body_bytes->str, add_piece, work->pieces);
    work->input = (ProtectInput){
        .head = {work->head->str, work->head->len},
        .body = (const Bytes *)(void *)work->pieces->data,
        .pieces = work->pieces->len,
        .certs = work->context->certs,
        .archive = sealer->archive,
        .encrypter = sealer->encrypter,
        .now = in->now,
        .protect_headers = policy_settings(work->context->policy)->encryption_protect_headers,
    };
}

static void work_clear(Work *work) {
    g_string_free(work->head, TRUE);
    g_array_unref(work->pieces);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static void note_keys(Decision *decision, const Protection *protection) {
    for (guint i = 0; i < protection->fingerprints->len; i++) {
        const char *fingerprint = g_ptr_array_index(protection->fingerprints, i);
        if (!g_ptr_array_find_with_equal_func(decision->sealed_to, fingerprint, g_str_equal, NULL))
            g_ptr_array_add(decision->sealed_to, g_strdup(fingerprint));
    }
}

/* Appends one message to `out`, proved where it is encrypted. */
static bool make(Work *work, Seal seal, const GPtrArray *recipients, GString *out, size_t *body_at, char **why) {
    g_auto(Protection) protection = {0};
    size_t start = out->len;
    if (!protect_message(&work->input, seal, recipients, out, &protection, why))
        return false;
    *body_at = protection.body_at;
    note_keys(work->decision, &protection);
    work->decision->subject_outside = protection.subject_outside;
    for (guint i = 0; i < recipients->len; i++)
        reached_note_sealed(work->decision, g_ptr_array_index(recipients, i), seal, protection.own->pdata[i]);
    Bytes made = {out->str + start, out->len - start};
    return encrypt_prove(work->context->certs, seal, recipients, work->input.now, made, why);
}

/* ---- One body for all ---- */

static void edit(Decision *decision, const char *op, Slice name, unsigned index, Slice value) {
    g_autofree char *named = g_strndup(name.at, name.length), *text = header_unfold(value);
    g_ptr_array_add(decision->headers, header_edit_new(op, named, index, text));
}

static bool is_inner(const RawHeader *header) {
    return slice_begins(header->name, "Content-");
}

static unsigned count_of(Slice head, Slice name) {
    g_autofree char *text = g_strndup(name.at, name.length);
    unsigned count = 0;
    for (RawHeader header; header_next(&head, &header);)
        count += slice_is(header.name, text);
    return count;
}

/* Fields that do not stand outside as they are: those that are more than in `made` go, and the first is changed. */
static void hide(Work *work, Slice made, const char *name) {
    Slice named = {name, strlen(name)};
    unsigned before = count_of(work->input.head, named), after = count_of(made, named);
    RawHeader header;
    for (unsigned index = before; index > after; index--)
        edit(work->decision, "delete", named, index, (Slice){"", 0});
    while (after > 0 && header_next(&made, &header))
        if (slice_is(header.name, name) && slice_is(slice_strip(header.value), OBSCURED)) {
            edit(work->decision, "replace", named, 1, header.value);
            return;
        }
}

/* From the header in clear to that of `made`: what is inside now goes, and the fields of what is outside come. */
static void edit_header(Work *work, Slice made) {
    for (const char *const *name = fields_confidential; *name; name++)
        hide(work, made, *name);
    Slice rest = work->input.head, none = {"", 0}, version = {"MIME-Version", strlen("MIME-Version")};
    RawHeader header;
    while (header_next(&rest, &header))
        if (is_inner(&header))
            edit(work->decision, "delete", header.name, count_of(rest, header.name) + 1, none);
    bool versioned = count_of(work->input.head, version) > 0;
    while (header_next(&made, &header))
        if (is_inner(&header) || (!versioned && slice_is(header.name, "MIME-Version")))
            edit(work->decision, "add", header.name, 1, header.value);
}

/* What was proved is what the MTA will make of the edits. */
static bool leads_to(const Work *work, Slice made) {
    size_t body_at;
    GString *head = rewrite_head(work->message->data, work->message->length, work->decision->headers, &body_at);
    bool same = head->len == made.length && memcmp(head->str, made.at, made.length) == 0;
    g_string_free(head, TRUE);
    return same;
}

static GPtrArray *addresses_of(const Decision *decision) {
    GPtrArray *addresses = g_ptr_array_new();
    for (guint i = 0; i < decision->recipients->len; i++)
        g_ptr_array_add(addresses, ((const Person *)g_ptr_array_index(decision->recipients, i))->address);
    return addresses;
}

static bool write_in_place(Work *work, Seal seal, char **why) {
    Decision *decision = work->decision;
    g_autoptr(GPtrArray) recipients = addresses_of(decision);
    g_autoptr(GString) out = g_string_new(NULL);
    size_t body_at;
    if (!make(work, seal, recipients, out, &body_at, why))
        return false;
    Slice head = {out->str, body_at};
    edit_header(work, head);
    if (!leads_to(work, head)) {
        *why = g_strdup("its header cannot be changed as it must");
        return false;
    }
    ByteEdit whole = {work->body_at, work->message->length - work->body_at, out->len - body_at};
    g_array_set_size(decision->body_edits, 0);
    g_array_append_val(decision->body_edits, whole);
    g_string_erase(out, 0, (gssize)body_at);
    g_string_free(decision->body_bytes, TRUE);
    decision->body_bytes = g_steal_pointer(&out);
    decision->sealed = seal;
    return true;
}

/* ---- Copies ---- */

enum { ROOM_FOR_COPIES = 4 }; /* of a judge's memory */

/* Behind the bytes that the message's own changes add: a copy in clear is what came with those, and the front has it.
 */
static bool write_copies(Work *work, char **why) {
    Decision *decision = work->decision;
    size_t most = (size_t)policy_settings(work->context->policy)->milter_judge_memory / ROOM_FOR_COPIES, body_at;
    g_autoptr(GString) out = g_string_new_len(decision->body_bytes->str, (gssize)decision->body_bytes->len);
    for (guint i = 0; i < decision->copies->len; i++) {
        MailCopy *copy = g_ptr_array_index(decision->copies, i);
        if (copy->seal == SEAL_NONE)
            continue;
        copy->offset = out->len;
        if (!make(work, copy->seal, copy->recipients, out, &body_at, why))
            return false;
        copy->size = out->len - copy->offset;
        if (out->len > most) {
            *why = g_strdup("it is too large for so many separate copies; send it to fewer people at once");
            return false;
        }
    }
    g_string_free(decision->body_bytes, TRUE);
    decision->body_bytes = g_steal_pointer(&out);
    return true;
}

static bool goes_on(const Decision *decision) {
    return !decision->observe && !decision->redirected &&
           (decision->action == ACTION_ACCEPT || decision->action == ACTION_HOLD || decision->action == ACTION_CONFIRM);
}

static bool needs_us(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++)
        if (((const Person *)g_ptr_array_index(decision->recipients, i))->seal != SEAL_NONE)
            return true;
    return false;
}

void encrypt_write(const JudgeContext *context, const JudgeMessage *message, const EngineInput *in,
                   Decision *decision) {
    if (!goes_on(decision) || !needs_us(decision) || inclear_waits(decision))
        return;
    g_autofree char *why = NULL;
    Seal seal = seals_in_place(decision);
    g_auto(Work) work = {.context = context, .message = message, .decision = decision};
    work_begin(&work, in);
    bool done = decision->copies->len > 0 ? write_copies(&work, &why)
                : seal != SEAL_NONE       ? write_in_place(&work, seal, &why)
                                          : false;
    if (!done)
        decide_refusal(in, decision, why ? why : "not everybody can get the same message");
}
