/* SPDX-License-Identifier: Apache-2.0 */
/* Straight into the answer file: a tree of JSON objects for each message would cost more than finding the decision. */
#include "judge/answerjson.h"
#include "base/text.h"
#include "deadline/deadline.h"
#include "engine/inclear.h"
#include <string.h>

enum { SUBJECT_MAX = 512, MESSAGE_ID_MAX = 998 };

typedef struct {
    char *at, *end;
    bool full, first; /* first: no comma before the next value */
} Out;

static void bytes(Out *out, const char *data, size_t length) {
    if (length > (size_t)(out->end - out->at)) {
        out->full = true;
        return;
    }
    memcpy(out->at, data, length);
    out->at += length;
}

static void plain(Out *out, const char *text) {
    bytes(out, text, strlen(text));
}

static void comma(Out *out) {
    if (!out->first)
        bytes(out, ",", 1);
    out->first = false;
}

static void escaped(Out *out, unsigned char c) {
    char code[8];
    if (c == '"' || c == '\\')
        bytes(out, (const char[]){'\\', (char)c}, 2);
    else
        bytes(out, code, (size_t)g_snprintf(code, sizeof code, "\\u%04x", c));
}

static void quoted_closely(Out *out, const char *text) {
    g_autofree char *made = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    const char *from = made ? made : text, *p = from;
    bytes(out, "\"", 1);
    for (; *p; p++) {
        if ((unsigned char)*p >= ' ' && *p != '"' && *p != '\\')
            continue;
        bytes(out, from, (size_t)(p - from));
        escaped(out, (unsigned char)*p);
        from = p + 1;
    }
    bytes(out, from, (size_t)(p - from));
    bytes(out, "\"", 1);
}

/* Nearly every text is ASCII without anything to escape: copied while it is looked at. */
static void quoted(Out *out, const char *text) {
    char *at = out->at;
    const char *p = text;
    if (at < out->end)
        *at++ = '"';
    while (at < out->end && *p >= ' ' && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
        *at++ = *p++;
    if (*p || at == out->end) {
        quoted_closely(out, text);
        return;
    }
    *at++ = '"';
    out->at = at;
}

static void key(Out *out, const char *name) {
    comma(out);
    bytes(out, "\"", 1);
    plain(out, name);
    bytes(out, "\":", 2);
}

static void text(Out *out, const char *name, const char *value) {
    key(out, name);
    quoted(out, value ? value : "");
}

static void flag(Out *out, const char *name, bool value) {
    key(out, name);
    plain(out, value ? "true" : "false");
}

static void number(Out *out, const char *name, int64_t value) {
    char digits[24];
    key(out, name);
    bytes(out, digits, (size_t)g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, value));
}

/* With a name: a member. Without: an element. */
static void open_with(Out *out, const char *name, const char *bracket) {
    if (name)
        key(out, name);
    else
        comma(out);
    plain(out, bracket);
    out->first = true;
}

static void close_with(Out *out, const char *bracket) {
    plain(out, bracket);
    out->first = false;
}

static void texts(Out *out, const char *name, const GPtrArray *list) {
    open_with(out, name, "[");
    for (guint i = 0; i < list->len; i++) {
        comma(out);
        quoted(out, g_ptr_array_index(list, i));
    }
    close_with(out, "]");
}

static void write_digests(Out *out, const Decision *decision) {
    open_with(out, "policy", "{");
    text(out, "version", decision->policy_version);
    text(out, "digest", decision->policy_digest);
    close_with(out, "}");
    open_with(out, "registry", "{");
    text(out, "digest", decision->registry_digest);
    close_with(out, "}");
}

static void write_people(Out *out, const Decision *decision) {
    const Person *sender = decision->sender;
    open_with(out, "sender", "{");
    text(out, "address", sender->address);
    text(out, "is", person_kind_name(sender->is));
    text(out, "staff", sender->staff ? sender->staff->address : "");
    text(out, "by", identity_by_name(decision->by));
    close_with(out, "}");
    if (!decision->matter)
        return;
    open_with(out, "matter", "{");
    text(out, "id", decision->matter->id);
    text(out, "client", decision->matter->client);
    text(out, "level", level_name(decision->matter->level));
    close_with(out, "}");
}

static void write_rules(Out *out, const Decision *decision) {
    static const char *const matches[] = {"no", "yes", "unknown"};
    open_with(out, "rules", "[");
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->match == MATCH_NO && !result->applies)
            continue;
        open_with(out, NULL, "{");
        text(out, "id", result->rule->id);
        text(out, "match", matches[result->match]);
        flag(out, "applies", result->applies);
        flag(out, "observed", result->observed);
        texts(out, "why", result->why);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_remarks(Out *out, const Decision *decision) {
    open_with(out, "remarks", "[");
    for (guint i = 0; i < decision->remarks->len; i++) {
        const RemarkResult *remark = g_ptr_array_index(decision->remarks, i);
        open_with(out, NULL, "{");
        text(out, "kind", remark->banner ? "banner" : "disclaimer");
        text(out, "rule", remark->rule->id);
        text(out, "form", remark_form_name(remark->form));
        text(out, "text", remark->text);
        text(out, "why", remark->why);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_body(Out *out, const Decision *decision) {
    open_with(out, "body", "[");
    for (guint i = 0; i < decision->body_edits->len; i++) {
        const ByteEdit *edit = &g_array_index(decision->body_edits, ByteEdit, i);
        open_with(out, NULL, "{");
        number(out, "at", (int64_t)edit->at);
        number(out, "removed", (int64_t)edit->removed);
        number(out, "added", (int64_t)edit->added);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_copies(Out *out, const Decision *decision) {
    open_with(out, "copies", "[");
    for (guint i = 0; i < decision->copies->len; i++) {
        const MailCopy *copy = g_ptr_array_index(decision->copies, i);
        open_with(out, NULL, "{");
        texts(out, "recipients", copy->recipients);
        text(out, "way", seal_name(copy->seal));
        number(out, "offset", (int64_t)copy->offset);
        number(out, "size", (int64_t)copy->size);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_consents(Out *out, const Decision *decision) {
    open_with(out, "consents", "[");
    for (guint i = 0; i < decision->consents->len; i++) {
        const GivenConsent *given = g_ptr_array_index(decision->consents, i);
        open_with(out, NULL, "{");
        text(out, "client", given->client);
        text(out, "who", given->consent->who);
        text(out, "when", given->consent->when);
        text(out, "scope", given->consent->scope);
        text(out, "until", given->consent->until);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_reached(Out *out, const Decision *decision) {
    open_with(out, "ways", "[");
    for (guint i = 0; i < decision->reached->len; i++) {
        const Reached *reached = g_ptr_array_index(decision->reached, i);
        open_with(out, NULL, "{");
        text(out, "recipient", reached->address);
        text(out, "way", reached->way);
        text(out, "by", reached->by);
        text(out, "key", reached->key);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_sealed(Out *out, const Decision *decision) {
    open_with(out, "sealed", "{");
    text(out, "way", decision->sealed == SEAL_NONE ? "" : seal_name(decision->sealed));
    texts(out, "keys", decision->sealed_to);
    text(out, "subject_outside", decision->subject_outside ? decision->subject_outside : "");
    close_with(out, "}");
}

static void write_in_clear(Out *out, const Decision *decision) {
    open_with(out, "in_clear", "{");
    text(out, "is", inclear_name(decision->in_clear));
    texts(out, "to", decision->in_clear_to);
    close_with(out, "}");
}

static void write_action(Out *out, const Decision *decision) {
    open_with(out, "decision", "{");
    text(out, "action", action_name(decision->action));
    number(out, "code", decision->code);
    text(out, "status", decision->status);
    texts(out, "text", decision->text);
    open_with(out, "headers", "[");
    for (guint i = 0; i < decision->headers->len; i++) {
        const HeaderEdit *edit = g_ptr_array_index(decision->headers, i);
        open_with(out, NULL, "{");
        text(out, "op", edit->op);
        text(out, "name", edit->name);
        number(out, "index", edit->index);
        text(out, "value", edit->value);
        close_with(out, "}");
    }
    close_with(out, "]");
    texts(out, "add_recipients", decision->add_recipients);
    texts(out, "remove_recipients", decision->remove_recipients);
    texts(out, "notify", decision->notify);
    if (decision->remarks->len > 0)
        write_remarks(out, decision);
    if (decision->body_edits->len > 0)
        write_body(out, decision);
    if (decision->sealed_to->len > 0)
        write_sealed(out, decision);
    if (decision->copies->len > 0)
        write_copies(out, decision);
    if (decision->consents->len > 0)
        write_consents(out, decision);
    if (decision->reached->len > 0)
        write_reached(out, decision);
    if (decision->in_clear_to->len > 0)
        write_in_clear(out, decision);
    close_with(out, "}");
}

static void write_steps(Out *out, const DeadlineOp *op) {
    open_with(out, "steps", "[");
    for (guint i = 0; i < op->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(op->steps, i);
        g_autoptr(GPtrArray) tell = text_words(step->tell);
        char at[INSTANT_TEXT];
        open_with(out, NULL, "{");
        text(out, "at", instant_format(step->at, at));
        texts(out, "tell", tell);
        close_with(out, "}");
    }
    close_with(out, "]");
}

/* What most have not is left out. */
static void write_owed(Out *out, const DeadlineOp *op) {
    if (op->kind != OWED_QUESTION)
        text(out, "kind", owed_kind_name(op->kind));
    if (*op->party)
        text(out, "party", op->party);
    if (*op->unclear)
        text(out, "unclear", op->unclear);
    if (op->urgent)
        flag(out, "urgent", true);
    if (op->marked)
        flag(out, "marked_urgent", true);
    if (op->puts_off)
        flag(out, "puts_off", true);
    if (op->fresh)
        flag(out, "fresh", true);
    if (op->cap)
        number(out, "cap", op->cap);
}

static void write_deadlines(Out *out, const char *list, const Decision *decision) {
    open_with(out, list, "[");
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        char due[INSTANT_TEXT];
        if (strcmp(deadline_op_list(op), list) != 0)
            continue;
        open_with(out, NULL, "{");
        text(out, "op", op->op);
        text(out, "id", op->id);
        text(out, "client", op->client);
        text(out, "matter", op->matter);
        text(out, "owner", op->owner);
        text(out, "service_level", op->service_level);
        text(out, "calendar", op->calendar);
        flag(out, "soft", op->soft);
        text(out, "soft_why", op->soft_why);
        text(out, "due", deadline_op_opens(op) ? instant_format(op->due, due) : "");
        write_steps(out, op);
        write_owed(out, op);
        close_with(out, "}");
    }
    close_with(out, "]");
}

static void write_detections(Out *out, const Facts *facts) {
    open_with(out, "detections", "[");
    for (guint i = 0; i < facts->detections->len && i < DETECTIONS_TOLD; i++) {
        const Detection *detection = g_ptr_array_index(facts->detections, i);
        open_with(out, NULL, "{");
        text(out, "detector", detection->detector);
        number(out, "count", detection->count);
        text(out, "where", detection->where);
        close_with(out, "}");
    }
    close_with(out, "]");
}

/* The subject goes into journals and notices; what was found in it does not. */
static char *subject_told(const Facts *facts) {
    bool numbers = false;
    for (guint i = 0; i < facts->detections->len; i++) {
        const Detection *detection = g_ptr_array_index(facts->detections, i);
        numbers |= strcmp(detection->where, "subject") == 0 && detection->masked->len > 0;
    }
    if (!numbers)
        return text_printable(facts->subject, strlen(facts->subject), SUBJECT_MAX);
    g_autoptr(GString) subject = g_string_new(NULL);
    for (const char *at = facts->subject; *at; at = g_utf8_next_char(at))
        g_string_append_unichar(subject, g_unichar_isdigit(g_utf8_get_char(at)) ? '*' : g_utf8_get_char(at));
    return text_printable(subject->str, subject->len, SUBJECT_MAX);
}

/* NULL: named after the bytes' first line, an address. */
static void write_harvest(Out *out, const char *fingerprint, const char *what, GBytes *bytes) {
    size_t length;
    const char *data = g_bytes_get_data(bytes, &length), *end = memchr(data, '\n', length);
    g_autofree char *base64 = base64_encode((const unsigned char *)data, length);
    g_autofree char *named =
        fingerprint || !end ? NULL
                            : g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, (gsize)(end - data));
    open_with(out, "harvest", "{");
    text(out, "fingerprint", fingerprint ? fingerprint : named);
    text(out, what, base64);
    close_with(out, "}");
}

/* What is kept of it is not for rules, and none of the contract's. */
static void write_signature(Out *out, const Facts *facts) {
    const SignatureFact *signature = &facts->signature;
    open_with(out, "signature", "{");
    text(out, "state", facts->judged ? signature->state : "unknown");
    close_with(out, "}");
    if (signature->kept)
        write_harvest(out, signature->kept_fingerprint, "signature", signature->kept);
    else if (signature->autocrypt)
        write_harvest(out, NULL, "key", signature->autocrypt);
}

static void write_content(Out *out, const Decision *decision, const Facts *facts) {
    g_autofree char *subject = subject_told(facts);
    g_autofree char *id = text_printable(facts->message_id, strlen(facts->message_id), MESSAGE_ID_MAX);
    open_with(out, "encryption", "{");
    text(out, "state", encryption_name(facts->judged ? facts->encryption : ENC_UNKNOWN));
    close_with(out, "}");
    write_signature(out, facts);
    open_with(out, "automatic", "{");
    text(out, "kind", automatic_name(decision->automatic));
    close_with(out, "}");
    if (facts->bounce_failed->len) {
        open_with(out, "bounce", "{");
        text(out, "track", facts->bounce_track);
        texts(out, "failed", facts->bounce_failed);
        close_with(out, "}");
    }
    texts(out, "anomalies", decision->anomalies);
    write_detections(out, facts);
    text(out, "subject", subject);
    text(out, "message_id", id);
}

size_t answerjson_write(const Decision *decision, const Facts *facts, char *out, size_t room) {
    Out answer = {.at = out, .end = out + room, .first = true};
    open_with(&answer, NULL, "{");
    write_digests(&answer, decision);
    text(&answer, "track", decision->track);
    flag(&answer, "observe", decision->observe);
    text(&answer, "direction", direction_name(decision->direction));
    write_people(&answer, decision);
    write_content(&answer, decision, facts);
    write_rules(&answer, decision);
    write_action(&answer, decision);
    write_deadlines(&answer, "deadlines", decision);
    write_deadlines(&answer, "suggests", decision);
    write_deadlines(&answer, "receives", decision);
    close_with(&answer, "}");
    return answer.full ? 0 : (size_t)(answer.at - out);
}
