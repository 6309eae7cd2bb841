/* SPDX-License-Identifier: Apache-2.0 */
/* Of a mail from outside its own state counts; of one that leaves, what the hints remember of the thread. */
#include "engine/protection.h"
#include "base/text.h"
#include "engine/clues.h"

static void set(Decision *decision, Match used, const char *why) {
    decision->used_encryption = used;
    decision->used_encryption_why = why;
}

static void note_own(const EngineInput *in, Decision *decision) {
    switch (in->facts->judged ? in->facts->encryption : ENC_UNKNOWN) {
    case ENC_SMIME:
    case ENC_OPENPGP:
    case ENC_CONTAINER:
        set(decision, MATCH_YES, "the sender encrypted this mail");
        return;
    case ENC_UNKNOWN:
        set(decision, MATCH_UNKNOWN, "whether the sender encrypted this mail is unknown");
        return;
    case ENC_NONE:
    case ENC_BROKEN:
        set(decision, MATCH_NO, "the sender did not encrypt this mail");
    }
}

static bool was_encrypted(const EngineInput *in, const char *id) {
    const ThreadHint *hint = thread_hint_of(in->hints, id);
    return hint && hint->encrypted;
}

static void note_thread(const EngineInput *in, Decision *decision) {
    bool used = was_encrypted(in, in->facts->thread_index);
    for (guint i = 0; i < in->facts->thread->len && !used; i++)
        used = was_encrypted(in, g_ptr_array_index(in->facts->thread, i));
    if (used)
        set(decision, MATCH_YES, "the client's mail in this thread was encrypted");
    else if (!facts_has_thread(in->facts) && !headers_are_unknown(in->facts))
        set(decision, MATCH_NO, "it replies to no mail");
    else if (headers_are_unknown(in->facts) || !in->hints || in->hints->missing)
        set(decision, MATCH_UNKNOWN, "what is known of the thread could not be asked");
    else
        set(decision, MATCH_NO, "no mail of this thread is known that a client encrypted");
}

void protection_note(const EngineInput *in, Decision *decision) {
    if (decision->direction == DIRECTION_INCOMING || decision->direction == DIRECTION_RELAYED)
        note_own(in, decision);
    else
        note_thread(in, decision);
}

Match test_signature(const Condition *condition, const Scope *scope, GPtrArray *why) {
    const SignatureFact *signature = &scope->in->facts->signature;
    const char *state = scope->in->facts->judged ? signature->state : "unknown";
    bool explained = scope->in->facts->judged && *signature->why;
    say(why, "the mail's signature is: %s%s%s", state, explained ? "; " : "", explained ? signature->why : "");
    return unless_hidden(value_matches(condition, state), text_equal(state, "unknown"));
}

Match test_sender_used_encryption(const Condition *condition, const Scope *scope, GPtrArray *why) {
    Match used = scope->decision->used_encryption;
    say(why, "%s", scope->decision->used_encryption_why);
    return used == MATCH_UNKNOWN ? used : yes_or_no((used == MATCH_YES) == condition->flag);
}
