/* SPDX-License-Identifier: Apache-2.0 */
/* The four forms of an encrypted message, tried on the parts as they are. Labels choose which proof is asked for; they
 * never count as one. What claims to be encrypted and is not is BROKEN, so that a rule can tell a mistake from an open
 * letter. */
#include "message/encrypted.h"
#include "message/contents.h"
#include "message/harmless.h"

typedef struct {
    Facts *facts;
    const EncryptionTerms *terms;
    EncryptionState state;
    char *why;
    GPtrArray *objects; /* const ContentProof *, borrowed or in `owned` */
    GPtrArray *owned;
} Verdict;

static void say(Verdict *verdict, EncryptionState state, const char *why) {
    verdict->state = state;
    g_free(verdict->why);
    verdict->why = g_strdup(why);
}

static void proof_free(void *proof) {
    content_proof_free(proof);
}

static ContentProof *openpgp_of(Verdict *verdict, Part *part) {
    Slice data = part_decode(part);
    ContentProof *proof = proof_openpgp((const unsigned char *)data.at, data.length);
    if (content_proof_verdict(proof) == CONTENT_ENCRYPTED && content_proof_is_legacy(proof))
        facts_add_anomaly(verdict->facts, "openpgp-legacy-format");
    g_ptr_array_add(verdict->owned, proof);
    return proof;
}

static void judge(Verdict *verdict, Part *part);

static bool is_blank(Slice data) {
    return slice_strip(data).length == 0;
}

static bool has_readable_face(const Part *part) {
    return !contents_is_harmless_face(part->prologue) ||
           (part->epilogue != NULL && !is_blank((Slice){part->epilogue, strlen(part->epilogue)}));
}

static const char words_in_header[] = "the header of the encrypted part holds more words than programs write there";

/* S/MIME: one part, already proved or not. */
static void judge_smime(Verdict *verdict, Part *part) {
    const char *label = field_param(part->content_type, "smime-type");
    bool claims = label != NULL && (g_ascii_strcasecmp(label, "enveloped-data") == 0 ||
                                    g_ascii_strcasecmp(label, "authEnveloped-data") == 0);
    switch (content_proof_verdict(part->proof)) {
    case CONTENT_ENCRYPTED:
        if (content_proof_is_weak(part->proof) && !verdict->terms->triple_des) {
            say(verdict, ENC_BROKEN, "it is encrypted with triple DES, which is too weak to count here");
            return;
        }
        if (part_has_words(part)) {
            say(verdict, ENC_BROKEN, words_in_header);
            return;
        }
        g_ptr_array_add(verdict->objects, part->proof);
        say(verdict, ENC_SMIME, content_proof_why(part->proof));
        return;
    case CONTENT_BROKEN:
        say(verdict, ENC_BROKEN, content_proof_why(part->proof));
        return;
    case CONTENT_CLEAR:
        say(verdict, ENC_NONE, "");
        if (part->children->len > 0)
            judge(verdict, g_ptr_array_index(part->children, 0));
        if (verdict->state == ENC_NONE && claims)
            say(verdict, ENC_BROKEN, "its label says encrypted, its content is not");
        else if (verdict->state == ENC_NONE && *verdict->why == '\0')
            say(verdict, ENC_NONE, content_proof_why(part->proof));
    }
}

static bool is_signature(Verdict *verdict, Part *part) {
    Slice data = part_decode(part);
    if (part_is(part, "application/pgp-signature"))
        return content_proof_kind(openpgp_of(verdict, part)) == KIND_SIGNATURE;
    if (!part_is(part, "application/pkcs7-signature") && !part_is(part, "application/x-pkcs7-signature"))
        return false;
    g_autoptr(ContentProof) proof = proof_cms((const unsigned char *)data.at, data.length);
    return content_proof_kind(proof) == KIND_SIGNATURE;
}

static void judge_signed(Verdict *verdict, Part *part) {
    if (part->children->len != 2 || has_readable_face(part)) {
        say(verdict, ENC_NONE, "a signed message with readable parts");
        return;
    }
    judge(verdict, g_ptr_array_index(part->children, 0));
    if (verdict->state != ENC_NONE && verdict->state != ENC_BROKEN &&
        !is_signature(verdict, g_ptr_array_index(part->children, 1)))
        say(verdict, ENC_NONE, "what stands beside the encrypted part is no signature");
}

/* "Version: 1" and nothing else, however its line ends. */
static bool is_version(Part *part) {
    Slice text = slice_strip(part_decode(part));
    Slice value = {text.at + 8, text.length >= 8 ? text.length - 8 : 0};
    return part_is(part, "application/pgp-encrypted") && slice_begins(text, "Version:") &&
           slice_is(slice_strip(value), "1");
}

/* The two parts of an OpenPGP message, the first of which says its version. */
static void judge_pgp_parts(Verdict *verdict, Part *version, Part *data) {
    if (data->kind != PART_LEAF || !part_is(data, "application/octet-stream")) {
        say(verdict, ENC_BROKEN, "the second part of the OpenPGP message is none that is encrypted");
        return;
    }
    ContentProof *proof = openpgp_of(verdict, data);
    bool encrypted = content_proof_verdict(proof) == CONTENT_ENCRYPTED;
    g_ptr_array_add(verdict->objects, proof);
    if (encrypted && (part_has_words(version) || part_has_words(data)))
        say(verdict, ENC_BROKEN, words_in_header);
    else
        say(verdict, encrypted ? ENC_OPENPGP : ENC_BROKEN, content_proof_why(proof));
}

/* RFC 3156, section 4. */
static void judge_pgp_mime(Verdict *verdict, Part *part) {
    const char *protocol = field_param(part->content_type, "protocol");
    if (protocol == NULL || g_ascii_strcasecmp(protocol, "application/pgp-encrypted") != 0)
        say(verdict, ENC_BROKEN, "it says that it is encrypted (multipart/encrypted), and not as OpenPGP");
    else if (part->children->len != 2)
        say(verdict, ENC_BROKEN, "an encrypted OpenPGP message has exactly two parts, and this one has not");
    else if (has_readable_face(part))
        say(verdict, ENC_BROKEN, "readable text stands around the encrypted part");
    else if (!is_version(g_ptr_array_index(part->children, 0)))
        say(verdict, ENC_BROKEN, "the first part of the OpenPGP message says something else than \"Version: 1\"");
    else if (part_has_words(part))
        say(verdict, ENC_BROKEN, words_in_header);
    else
        judge_pgp_parts(verdict, g_ptr_array_index(part->children, 0), g_ptr_array_index(part->children, 1));
}

/* Exchange makes multipart/mixed of an encrypted message: a blank text, perhaps, and its parts as attachments. False:
 * it is none of these. */
static bool judge_rewritten(Verdict *verdict, Part *top) {
    Part *left[2];
    guint count = 0;
    if (!part_is(top, "multipart/mixed") || has_readable_face(top) || part_has_words(top))
        return false;
    for (guint i = 0; i < top->children->len; i++) {
        Part *part = g_ptr_array_index(top->children, i);
        if (part->kind != PART_LEAF)
            return false;
        if (part->proof == NULL && part_is_body(part) && is_blank(part_decode(part)) && !part_has_words(part))
            continue;
        if (count == G_N_ELEMENTS(left))
            return false;
        left[count++] = part;
    }
    if (count == 1 && left[0]->proof != NULL && content_proof_verdict(left[0]->proof) == CONTENT_ENCRYPTED)
        judge_smime(verdict, left[0]);
    else if (count == 2 && is_version(left[0]))
        judge_pgp_parts(verdict, left[0], left[1]);
    else
        return false;
    return true;
}

/* What the leaves of an ordinary message are. */
typedef struct {
    Verdict *verdict;
    unsigned blank, armored, readable;   /* text in place */
    unsigned openpgp, containers, other; /* attachments */
    unsigned smime;                      /* encrypted S/MIME parts that are not the whole message */
    char *broken;                        /* why something that claims to be encrypted is not */
} Census;

static void note_broken(Census *census, const char *why) {
    if (census->broken == NULL)
        census->broken = g_strdup(why);
}

static void count_text(Census *census, Part *part) {
    Slice data = part_decode(part);
    if (is_blank(data)) {
        census->blank++;
    } else if (part_is(part, "text/plain") && openpgp_is_armored((const unsigned char *)data.at, data.length)) {
        ContentProof *proof = openpgp_of(census->verdict, part);
        if (content_proof_verdict(proof) == CONTENT_ENCRYPTED) {
            census->armored++;
            g_ptr_array_add(census->verdict->objects, proof);
            return;
        }
        census->readable++;
        ContentKind kind = content_proof_kind(proof);
        if (content_proof_verdict(proof) == CONTENT_BROKEN || kind == KIND_SIGNED || kind == KIND_COMPRESSED)
            note_broken(census, content_proof_why(proof));
    } else {
        census->readable++;
    }
}

static void count_attachment(Census *census, Part *part) {
    ContentVerdict container = part_container(part);
    if (container == CONTENT_ENCRYPTED) {
        census->containers++;
        return;
    }
    if (container == CONTENT_BROKEN)
        note_broken(census, "an attachment is encrypted only in part, weakly, or without a password");
    ContentProof *proof = openpgp_of(census->verdict, part);
    if (content_proof_verdict(proof) == CONTENT_ENCRYPTED) {
        census->openpgp++;
        g_ptr_array_add(census->verdict->objects, proof);
    } else {
        census->other++;
    }
}

static void count_part(Part *part, void *state) {
    Census *census = state;
    if (part->proof != NULL && content_proof_verdict(part->proof) == CONTENT_ENCRYPTED)
        census->smime++;
    if (part->kind == PART_MESSAGE || part->proof != NULL)
        census->other++; /* its headers are readable; S/MIME encrypts whole messages, not parts */
    else if (part->kind == PART_MULTIPART)
        census->readable += has_readable_face(part);
    else if (part_is_body(part))
        count_text(census, part);
    else
        count_attachment(census, part);
}

/* May what is readable beside encrypted attachments be read by everybody? What a page hides was not compared. */
static bool is_harmless(const Verdict *verdict, const char **why) {
    const EncryptionTerms *terms = verdict->terms;
    const Facts *facts = verdict->facts;
    bool subject = terms->harmless_subject == NULL || terms->harmless_subject->len == 0 ||
                   harmless_line(facts->subject, terms->harmless_subject);
    *why = subject ? "every attachment is encrypted, but the text beside them is readable"
                   : "every attachment is encrypted, but the subject is none that the policy takes for harmless";
    return subject && !facts_has_anomaly(facts, "html:hidden-text") &&
           harmless_text(facts->text, terms->harmless_text, terms->footers);
}

/* All attachments are encrypted files, of one kind. */
static void judge_files(Verdict *verdict, const Census *census) {
    const char *why;
    if (!is_harmless(verdict, &why))
        say(verdict, ENC_NONE, why);
    else if (census->containers > 0)
        say(verdict, ENC_CONTAINER, "every attachment is an encrypted document and nothing else needs protection");
    else
        say(verdict, ENC_OPENPGP, "every attachment is one OpenPGP message and nothing else needs protection");
}

static void judge_parts(Verdict *verdict, Part *top) {
    Census census = {.verdict = verdict};
    part_each(top, count_part, &census);
    unsigned attached = census.openpgp + census.containers;
    bool one_kind = census.openpgp == 0 || census.containers == 0;
    if (census.armored > 0 && census.readable + census.blank + census.containers + census.other == 0)
        say(verdict, ENC_OPENPGP, "every part is one OpenPGP message");
    else if (attached > 0 && one_kind && census.armored + census.other == 0)
        judge_files(verdict, &census);
    else if (census.broken != NULL && census.readable + census.other + attached + census.armored <= 1)
        say(verdict, ENC_BROKEN, census.broken);
    else if (census.smime > 0)
        say(verdict, ENC_NONE, "the encrypted S/MIME part is not the whole message");
    else if (attached + census.armored > 0)
        say(verdict, ENC_NONE, "a part of it is encrypted, and another is not");
    else
        say(verdict, ENC_NONE, ""); /* a letter like any other: there is nothing to explain */
    g_free(census.broken);
}

static void judge(Verdict *verdict, Part *part) {
    if (part->kind == PART_LEAF && part->proof != NULL)
        judge_smime(verdict, part);
    else if (part_is(part, "multipart/signed"))
        judge_signed(verdict, part);
    else if (part_is(part, "multipart/encrypted"))
        judge_pgp_mime(verdict, part);
    else if (!judge_rewritten(verdict, part))
        judge_parts(verdict, part);
}

/* Every encrypted object must be for the recipient, or a part of the message is not. */
static Proof proof_for(const Verdict *verdict, const Facts *facts, const CertStore *certs, const char *address,
                       char **why) {
    Proof good = verdict->state == ENC_SMIME ? PROOF_SMIME : PROOF_OPENPGP;
    Proof answer = good;
    for (guint i = 0; i < verdict->objects->len && answer != PROOF_NONE; i++) {
        char *said = NULL;
        ForRecipient is_for =
            content_proof_for(g_ptr_array_index(verdict->objects, i), certs, address, facts->envelope->received, &said);
        if (is_for == FOR_NO)
            answer = PROOF_NONE;
        else if (is_for == FOR_UNKNOWN)
            answer = PROOF_UNKNOWN;
        if (*why == NULL || is_for != FOR_YES) {
            g_free(*why);
            *why = g_steal_pointer(&said);
        }
        g_free(said);
    }
    return answer;
}

static void add_proofs(Facts *facts, const Verdict *verdict, const CertStore *certs) {
    for (guint i = 0; i < facts->envelope->recipients->len; i++) {
        Proof proof = PROOF_NONE;
        char *why = NULL;
        if (verdict->state == ENC_UNKNOWN)
            proof = PROOF_UNKNOWN;
        else if (verdict->state == ENC_CONTAINER)
            proof = PROOF_CONTAINER;
        else if (verdict->state == ENC_SMIME || verdict->state == ENC_OPENPGP)
            proof = proof_for(verdict, facts, certs, g_ptr_array_index(facts->envelope->recipients, i), &why);
        g_array_append_val(facts->proofs, proof);
        if (verdict->state == ENC_CONTAINER)
            why = g_strdup("they need the password of every file, and nobody can see whether they have it");
        g_ptr_array_add(facts->proof_whys, why != NULL ? why : g_strdup(verdict->why));
    }
}

void encrypted_judge(Facts *facts, Part *top, const CertStore *certs, const EncryptionTerms *terms) {
    static const EncryptionTerms strictest;
    Verdict verdict = {.facts = facts,
                       .terms = terms == NULL ? &strictest : terms,
                       .objects = g_ptr_array_new(),
                       .owned = g_ptr_array_new_with_free_func(proof_free)};
    if (top == NULL)
        say(&verdict, ENC_UNKNOWN, facts->judged ? "the content could not be read" : "the content was not seen");
    else
        judge(&verdict, top);
    /* Two readings, one of which may be in clear. */
    if (facts->unreadable && verdict.state != ENC_NONE && verdict.state != ENC_BROKEN && verdict.state != ENC_UNKNOWN)
        say(&verdict, ENC_UNKNOWN, "the message can be read in more than one way");
    facts->encryption = verdict.state;
    g_free(facts->encryption_why);
    facts->encryption_why = g_strdup(verdict.why);
    add_proofs(facts, &verdict, certs);
    g_free(verdict.why);
    g_ptr_array_unref(verdict.objects);
    g_ptr_array_unref(verdict.owned);
}
