/* SPDX-License-Identifier: Apache-2.0 */
/* One small function for each kind of evidence, tried in this order. A localised subject ("Out of office") is too weak
 * to count, and X-Auto-Response-Suppress says what the sender wants from us, not what the message is
 * ([MS-OXCMAIL] 2.1.3.2.20). */
#include "message/automatic.h"
#include "base/text.h"

typedef struct {
    const Facts *facts;
    Part *top; /* NULL: unseen */
    const char *own_mark;
    char *why;
} Evidence;

/* Behind white space and comments (RFC 5322, section 3.2.2), which may nest. */
static const char *behind_comments(const char *at) {
    int depth = 0;
    for (; *at != '\0' && (depth > 0 || *at == '(' || g_ascii_isspace(*at)); at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')')
            depth--;
    }
    return at;
}

/* The first token of a header's value, lower case. Comments and parameters are not part of it. */
static char *token_of(const HeaderFact *header) {
    const char *begin = behind_comments(header->raw);
    Slice value = slice_strip((Slice){begin, strcspn(begin, ";(,")});
    return g_ascii_strdown(value.at, (gssize)value.length);
}

/* NULL when the header is absent. */
static char *first_token(const Facts *facts, const char *name) {
    const HeaderFact *header = facts_header(facts, name);
    return header == NULL ? NULL : token_of(header);
}

/* Several headers of that name: one that says "no" must not hide another. */
static char *auto_submitted(const Facts *facts) {
    for (guint i = 0; i < facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(facts->headers, i);
        if (g_ascii_strcasecmp(header->name, "Auto-Submitted") != 0)
            continue;
        g_autofree char *token = token_of(header);
        if (*token != '\0' && strcmp(token, "no") != 0)
            return g_steal_pointer(&token);
    }
    return NULL;
}

/* multipart/report (RFC 6522): by its parameter or by its second part. */
static Automatic report_kind(const Evidence *evidence) {
    if (evidence->top == NULL || !part_is(evidence->top, "multipart/report"))
        return AUTO_NONE;
    const char *type = field_param(evidence->top->content_type, "report-type");
    const Part *second = evidence->top->children->len > 1 ? g_ptr_array_index(evidence->top->children, 1) : NULL;
    const char *inner = second == NULL ? "" : second->type;
    if (strcmp(inner, "message/disposition-notification") == 0 ||
        (type != NULL && !g_ascii_strcasecmp(type, "disposition-notification")))
        return AUTO_RECEIPT;
    if (g_str_has_suffix(inner, "delivery-status") || (type != NULL && !g_ascii_strcasecmp(type, "delivery-status")))
        return AUTO_BOUNCE;
    return AUTO_NONE;
}

static Automatic by_own_mark(Evidence *evidence) {
    g_autofree char *submitted = auto_submitted(evidence->facts);
    if (evidence->own_mark == NULL || *evidence->own_mark == '\0' || submitted == NULL)
        return AUTO_NONE;
    g_autofree char *mark = address_normalise(evidence->own_mark);
    for (guint i = 0; i < evidence->facts->from->len; i++)
        if (text_equal(g_ptr_array_index(evidence->facts->from, i), mark)) {
            evidence->why = g_strdup("one of our own notices");
            return AUTO_OWN;
        }
    return AUTO_NONE;
}

/* RFC 3834, section 5: anything but "no". The kind says more when the message is a report. */
static Automatic by_auto_submitted(Evidence *evidence) {
    g_autofree char *token = auto_submitted(evidence->facts);
    if (token == NULL)
        return AUTO_NONE;
    Automatic report = report_kind(evidence);
    evidence->why = g_strdup_printf("Auto-Submitted: %s", token);
    return report == AUTO_NONE ? AUTO_REPLY : report;
}

static Automatic by_null_return_path(Evidence *evidence) {
    if (*evidence->facts->envelope->sender != '\0' && strcmp(evidence->facts->envelope->sender, "<>") != 0)
        return AUTO_NONE;
    evidence->why = g_strdup("null return path");
    return report_kind(evidence) == AUTO_RECEIPT ? AUTO_RECEIPT : AUTO_BOUNCE;
}

static Automatic by_report(Evidence *evidence) {
    Automatic report = report_kind(evidence);
    if (report != AUTO_NONE)
        evidence->why =
            g_strdup(report == AUTO_RECEIPT ? "a disposition notification" : "a delivery status notification");
    return report;
}

/* Only where calendar programs put it: the message itself or one face of an alternative; an .ics beside a letter is an
 * attachment. */
static const char *calendar_method(const Part *part) {
    if (part_is(part, "text/calendar"))
        return part->disposition != NULL && strcmp(part->disposition->value, "attachment") == 0
                   ? NULL
                   : field_param(part->content_type, "method");
    bool alternative = part_is(part, "multipart/alternative");
    if (!alternative && !part_is(part, "multipart/mixed") && !part_is(part, "multipart/related"))
        return NULL;
    for (guint i = 0; i < part->children->len; i++) {
        const Part *child = g_ptr_array_index(part->children, i);
        const char *method = alternative || child->kind == PART_MULTIPART ? calendar_method(child) : NULL;
        if (method != NULL)
            return method;
    }
    return NULL;
}

static Automatic by_calendar(Evidence *evidence) {
    const char *method = evidence->top == NULL ? NULL : calendar_method(evidence->top);
    if (method == NULL || *method == '\0')
        return AUTO_NONE;
    g_autofree char *printable = text_printable(method, strlen(method), 32);
    evidence->why = g_strdup_printf("calendar method %s", printable);
    return AUTO_CALENDAR;
}

/* RFC 2919 and 2369. List-Unsubscribe alone counts too; the engine decides what it means from a known client. */
static Automatic by_list_headers(Evidence *evidence) {
    for (guint i = 0; i < evidence->facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(evidence->facts->headers, i);
        if (g_ascii_strncasecmp(header->name, "List-", 5) == 0 && *header->raw != '\0') {
            evidence->why = g_strdup_printf("list headers: %s", header->name);
            return AUTO_BULK;
        }
    }
    return AUTO_NONE;
}

static Automatic by_precedence(Evidence *evidence) {
    g_autofree char *token = first_token(evidence->facts, "Precedence");
    if (token == NULL)
        return AUTO_NONE;
    /* Google Groups and Mailman write "list" beside their List headers: that says no more than these. */
    evidence->why =
        g_strdup_printf(strcmp(token, "list") == 0 ? "list headers: Precedence: %s" : "Precedence: %s", token);
    if (strcmp(token, "bulk") == 0 || strcmp(token, "junk") == 0 || strcmp(token, "list") == 0)
        return AUTO_BULK;
    if (strcmp(token, "auto_reply") == 0 || strcmp(token, "auto-reply") == 0)
        return AUTO_REPLY;
    g_clear_pointer(&evidence->why, g_free);
    return AUTO_NONE;
}

static Automatic by_autoreply_headers(Evidence *evidence) {
    static const char *const names[] = {"X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-AutoReply-From"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *token = first_token(evidence->facts, names[i]);
        if (token != NULL && strcmp(token, "no") != 0) {
            evidence->why = g_strdup(names[i]);
            return AUTO_REPLY;
        }
    }
    return AUTO_NONE;
}

void automatic_judge(Facts *facts, Part *top, const char *own_mark) {
    static Automatic (*const kinds[])(Evidence *) = {by_own_mark,   by_auto_submitted,   by_null_return_path,
                                                     by_report,     by_calendar,         by_list_headers,
                                                     by_precedence, by_autoreply_headers};
    Evidence evidence = {facts, top, own_mark, NULL};
    facts->automatic = AUTO_NONE;
    Automatic listed = AUTO_NONE;
    g_autofree char *list_why = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds) && facts->automatic == AUTO_NONE; i++) {
        Automatic kind = kinds[i](&evidence);
        if (kind == AUTO_BULK && g_str_has_prefix(evidence.why, "list headers")) {
            /* The weakest evidence: anything firmer behind it says why instead. */
            listed = kind;
            g_free(list_why);
            list_why = g_steal_pointer(&evidence.why);
            continue;
        }
        facts->automatic = kind;
    }
    if (facts->automatic == AUTO_NONE && listed != AUTO_NONE) {
        facts->automatic = listed;
        evidence.why = g_steal_pointer(&list_why);
    }
    g_free(facts->automatic_why);
    facts->automatic_why = evidence.why == NULL ? g_strdup("nothing says that a machine wrote it") : evidence.why;
}
