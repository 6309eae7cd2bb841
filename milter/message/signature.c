/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes that a detached signature covers are those of the first part as they came, its header included and without
 * the line end before the boundary (RFC 1847 section 2.1): they are found twice, by GMime and by counting lines, and
 * must be the same. */
#include "message/signature.h"
#include "crypto/verify.h"
#include "message/contents.h"
#include "message/entity.h"

static const char from_many[] = "it is signed, but not exactly one address stands in From";

/* Where two programs may see different parts, one of them shows something that nobody signed. */
static bool is_ambiguous(const Tree *tree, const Facts *facts) {
    static const char *const anomalies[] = {"nul",
                                            "bare-cr",
                                            "bare-lf",
                                            "ambiguous-structure",
                                            "unparsable",
                                            "limit:size",
                                            "limit:depth",
                                            "limit:readings",
                                            "duplicate-header:content-",
                                            "duplicate-header:from",
                                            "odd-address:from",
                                            "header-syntax",
                                            "blank-header-line"};
    for (size_t i = 0; i < G_N_ELEMENTS(anomalies); i++)
        if (facts_has_anomaly(facts, anomalies[i]))
            return true;
    return tree_has_others(tree);
}

static void say(Facts *facts, const char *state, const char *why) {
    signature_fact_say(&facts->signature, state, "", why);
}

static void take(Facts *facts, const Verified *verified) {
    SignatureFact *fact = &facts->signature;
    signature_fact_say(fact, signature_state_name(verified->state), verified->by, verified->why);
    if (verified->kept == NULL || *verified->signer->unusable)
        return; /* nothing that mail could be encrypted to */
    fact->kept = g_bytes_ref(verified->kept);
    fact->kept_fingerprint = g_strdup(verified->signer->fingerprint);
}

static VerifyInput input_for(const Facts *facts, const CertStore *certs, Slice signature, Slice content) {
    return (VerifyInput){.signature = (const unsigned char *)signature.at,
                         .length = signature.length,
                         .content = content.at,
                         .content_length = content.length,
                         .certs = certs,
                         .from = facts->from->len == 1 ? g_ptr_array_index(facts->from, 0) : "",
                         .now = facts->envelope->received};
}

static bool is_cms(const Part *part) {
    return part_is(part, "application/pkcs7-signature") || part_is(part, "application/x-pkcs7-signature");
}

static bool has_text_around(const Part *part) {
    return !contents_is_harmless_face(part->prologue) ||
           (part->epilogue != NULL && slice_strip((Slice){part->epilogue, strlen(part->epilogue)}).length > 0);
}

static void judge_detached(Facts *facts, const Tree *tree, Slice message, const CertStore *certs) {
    Part *top = tree_top(tree), *last = top->children->len == 2 ? g_ptr_array_index(top->children, 1) : NULL;
    Entity signed_part;
    if (last == NULL || last->kind != PART_LEAF || !(is_cms(last) || part_is(last, "application/pgp-signature"))) {
        say(facts, "unknown", "it says that it is signed, and not with S/MIME or OpenPGP");
        return;
    }
    Slice signature = part_decode(last);
    if (has_text_around(top)) {
        say(facts, "unknown", "text that nobody signed stands around the signed part");
        return;
    }
    if (!last->clean || !entity_find(message, g_ptr_array_index(top->children, 0), &signed_part)) {
        say(facts, "unknown", "which bytes are signed cannot be told for certain");
        return;
    }
    Slice content = slice_between(signed_part.head.at, signed_part.body.at + signed_part.body.length);
    VerifyInput input = input_for(facts, certs, signature, content);
    g_autoptr(Verified) verified = is_cms(last) ? verify_cms(&input) : verify_openpgp(&input);
    take(facts, verified);
}

static void judge_opaque(Facts *facts, Part *top, const CertStore *certs) {
    Slice signature = part_decode(top);
    if (!top->clean) {
        say(facts, "unknown", "which bytes are signed cannot be told for certain");
        return;
    }
    VerifyInput input = input_for(facts, certs, signature, (Slice){NULL, 0});
    g_autoptr(Verified) verified = verify_cms(&input);
    take(facts, verified);
}

typedef struct {
    const Part *top;
    bool found;
} Inner;

static void look_for_inner(Part *part, void *state) {
    Inner *inner = state;
    inner->found |= part != inner->top && (part_is(part, "multipart/signed") ||
                                           (part->proof != NULL && content_proof_kind(part->proof) == KIND_SIGNED));
}

void signature_judge(Facts *facts, const Tree *tree, Slice message, const CertStore *certs) {
    Part *top = tree == NULL ? NULL : tree_top(tree);
    if (top == NULL) {
        say(facts, "unknown", facts->judged ? "the content could not be read" : "the content was not seen");
        return;
    }
    bool detached = top->kind == PART_MULTIPART && part_is(top, "multipart/signed");
    bool opaque = top->kind == PART_LEAF && top->proof != NULL && content_proof_kind(top->proof) == KIND_SIGNED;
    Inner inner = {.top = top};
    if (!detached && !opaque) {
        part_each(top, look_for_inner, &inner);
        if (inner.found)
            say(facts, "none", "a part of it is signed, or a message in it; the whole is not");
        return;
    }
    if (is_ambiguous(tree, facts))
        say(facts, "unknown", "it is signed, but mail programs may read it in different ways");
    else if (facts->from->len != 1)
        say(facts, "unknown", from_many);
    else if (detached)
        judge_detached(facts, tree, message, certs);
    else
        judge_opaque(facts, top, certs);
}
