/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's look at Postfix: is Lexgate asked about all mail, in the right place, and what happens when it is away?
 */
#include "base/text.h"
#include "ctl/doctor.h"
#include "ctl/endpoint.h"
#include "ctl/postfix.h"
#include <string.h>

#define RECIPE "see \"lexgate postfix-recipe\", then postfix reload"

typedef struct {
    Doctor *doctor;
    Endpoint endpoint;
    GHashTable *main;   /* name → value */
    GHashTable *master; /* "service/type/name" → value */
} Postfix;

/* "name = value" lines. */
static GHashTable *read_settings(const char *text) {
    GHashTable *settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        char *equals = strchr(*line, '=');
        if (equals)
            g_hash_table_insert(settings, g_strstrip(g_strndup(*line, (gsize)(equals - *line))),
                                g_strstrip(g_strdup(equals + 1)));
    }
    return settings;
}

static const char *setting(const Postfix *postfix, const char *name) {
    const char *value = g_hash_table_lookup(postfix->main, name);
    return value ? value : "";
}

/* The socket of "{ unix:/x, default_action=tempfail }" or of a plain element. Caller owns. */
static char *milter_socket(const char *element) {
    g_autofree char *copy = g_strdup(element);
    g_strdelimit(copy, "{}", ' ');
    g_autoptr(GPtrArray) words = text_words(copy);
    return g_strdup(words->len ? g_ptr_array_index(words, 0) : "");
}

/* Our place in a list of milters, or -1; *behind is how many come after. */
static int our_place(const Postfix *postfix, const char *list, unsigned *behind, char **ours) {
    g_autoptr(GPtrArray) milters = postfix_elements(list);
    for (guint i = 0; i < milters->len; i++) {
        g_autofree char *socket = milter_socket(g_ptr_array_index(milters, i));
        if (!endpoint_is(&postfix->endpoint, setting(postfix, "queue_directory"), socket))
            continue;
        *behind = milters->len - i - 1;
        *ours = g_strdup(g_ptr_array_index(milters, i));
        return (int)i;
    }
    return -1;
}

/* A service of master.cf that asks us behind the expansion of aliases. */
static bool has_second_hop(const Postfix *postfix) {
    GHashTableIter iter;
    void *key, *value;
    g_hash_table_iter_init(&iter, postfix->master);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        g_autofree char *ours = NULL;
        unsigned behind;
        if (!g_str_has_suffix(key, "/smtpd_milters") || our_place(postfix, value, &behind, &ours) < 0)
            continue;
        g_autofree char *service = g_strndup(key, strlen(key) - strlen("smtpd_milters"));
        g_autofree char *name = g_strconcat(service, "receive_override_options", NULL);
        const char *options = g_hash_table_lookup(postfix->master, name);
        if (options && strstr(options, "no_address_mappings"))
            return true;
    }
    return false;
}

/* local(8) expands alias_maps at delivery, behind every hop; all else is expanded before the second one. */
static void look_at_expansion(const Postfix *postfix, bool second_hop) {
    static const char *const maps[] = {"alias_maps", "recipient_bcc_maps", "sender_bcc_maps", "always_bcc",
                                       "virtual_alias_maps"};
    g_autoptr(GString) used = g_string_new(NULL);
    for (size_t i = 0; i < (second_hop ? 1 : G_N_ELEMENTS(maps)); i++)
        if (*setting(postfix, maps[i]))
            g_string_append_printf(used, "%s%s", used->len ? ", " : "", maps[i]);
    if (used->len == 0) {
        doctor_ok(postfix->doctor, "postfix expansion", "no aliases and no BCC maps that Lexgate could not see");
        return;
    }
    Complaint complaint = {FINDING_WARN, "postfix expansion",
                           second_hop ? "if an alias there leads outside, move it to virtual_alias_maps"
                                      : "if an alias or BCC leads outside, take \"lexgate postfix-recipe --strict\" (a "
                                        "second hop behind expansion)"};
    doctor_complain(postfix->doctor, &complaint, "recipients added by %s are invisible to Lexgate", used->str);
}

static void look_at_milters(const Postfix *postfix, bool second_hop) {
    Doctor *doctor = postfix->doctor;
    unsigned behind = 0;
    g_autofree char *ours = NULL, *local = NULL;
    if (our_place(postfix, setting(postfix, "smtpd_milters"), &behind, &ours) < 0) {
        Complaint missing = {FINDING_FAIL, "postfix smtpd_milters", RECIPE};
        if (second_hop)
            doctor_ok(doctor, "postfix smtpd_milters",
                      "Lexgate is asked on a second hop, behind the expansion of aliases");
        else
            doctor_complain(doctor, &missing, "Lexgate is not in it: no mail is judged (smtpd_milters = %s)",
                            setting(postfix, "smtpd_milters"));
    } else if (behind > 1) {
        Complaint early = {FINDING_WARN, "postfix smtpd_milters",
                           "put Lexgate last, with nothing but the DKIM signer behind it"};
        doctor_complain(doctor, &early, "%u milters come after Lexgate; what they refuse is recorded as accepted",
                        behind);
    } else {
        doctor_ok(doctor, "postfix smtpd_milters", "Lexgate is in it%s",
                  behind ? ", with one behind it: this should be the signer" : ", as the last");
    }
    if (our_place(postfix, setting(postfix, "non_smtpd_milters"), &behind, &local) >= 0) {
        doctor_ok(doctor, "postfix non_smtpd_milters", "Lexgate is in it");
        return;
    }
    Complaint complaint = {FINDING_WARN, "postfix non_smtpd_milters", RECIPE};
    doctor_complain(doctor, &complaint, "Lexgate is not in it: the sendmail command and bounces go by");
}

/* ---- Where copies come in again ---- */

static bool some_rule_encrypts(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++)
        if (((const Rule *)g_ptr_array_index(rules, i))->encrypts)
            return true;
    return false;
}

/* What holds for a service: its own value, or main.cf's. */
static const char *service_setting(const Postfix *postfix, const char *service, const char *name) {
    g_autofree char *key = g_strconcat(service, "/inet/", name, NULL);
    const char *own = g_hash_table_lookup(postfix->master, key);
    return own ? own : setting(postfix, name);
}

/* The service that calls itself so, without the type; NULL: none. Caller owns. */
static char *service_called(const Postfix *postfix, const char *daemon_name) {
    GHashTableIter iter;
    void *key, *value;
    g_hash_table_iter_init(&iter, postfix->master);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (g_str_has_suffix(key, "/inet/milter_macro_daemon_name") && text_equal(value, daemon_name))
            return g_strndup(key, strlen(key) - strlen("/inet/milter_macro_daemon_name"));
    return NULL;
}

/* What is wrong with the listener, or NULL. */
static const char *reentry_trouble(const Postfix *postfix, const char *service, bool second_hop) {
    const char *wanted = strrchr(policy_settings(postfix->doctor->policy)->smtp_reentry, ':');
    const char *port = strrchr(service, ':') ? strrchr(service, ':') + 1 : service;
    const char *overrides = service_setting(postfix, service, "receive_override_options");
    g_autofree char *ours = NULL;
    unsigned behind;
    if (!wanted || !text_equal(wanted + 1, port))
        return "it is not at smtp.reentry";
    if (our_place(postfix, service_setting(postfix, service, "smtpd_milters"), &behind, &ours) < 0)
        return "Lexgate is not in its smtpd_milters, so anybody on this host may send unjudged mail through it";
    if (*service_setting(postfix, service, "content_filter"))
        return "its content_filter is not empty, so copies go round and are judged as new mail";
    if (*service_setting(postfix, service, "local_header_rewrite_clients"))
        return "its local_header_rewrite_clients is not empty, so headers are rewritten and copies no longer known";
    if (second_hop && !strstr(overrides, "no_address_mappings"))
        return "it expands aliases and BCC maps once more; set receive_override_options=no_address_mappings";
    return NULL;
}

static void look_at_reentry(const Postfix *postfix, bool second_hop) {
    const Settings *settings = policy_settings(postfix->doctor->policy);
    if (!some_rule_encrypts(postfix->doctor->policy))
        return;
    g_autofree char *service = service_called(postfix, settings->milter_reentry);
    const char *trouble = service ? reentry_trouble(postfix, service, second_hop) : NULL;
    Complaint complaint = {FINDING_FAIL, "postfix re-entry", RECIPE};
    if (!service)
        doctor_complain(postfix->doctor, &complaint,
                        "no service has milter_macro_daemon_name=%s: mail whose recipients need different copies is "
                        "deferred",
                        settings->milter_reentry);
    else if (trouble)
        doctor_complain(postfix->doctor, &complaint, "%s: %s", service, trouble);
    else
        doctor_ok(postfix->doctor, "postfix re-entry", "copies come in again at %s", service);
}

/* A setting of main.cf and what it must be; `word` among the words of its value. */
typedef struct {
    const char *name;
    const char *good[4]; /* any of these words */
    FindingState state;
    const char *because;
} Wanted;

static const Wanted wanted[] = {
    {"milter_default_action",
     {"tempfail"},
     FINDING_FAIL,
     "mail would pass unjudged, or be lost, while Lexgate is away"},
    {"milter_protocol", {"6"}, FINDING_FAIL, "Lexgate needs protocol 6"},
    {"smtpd_forbid_bare_newline",
     {"yes", "normalize", "reject"},
     FINDING_FAIL,
     "messages can be smuggled inside others (CVE-2023-51764)"},
    {"enable_long_queue_ids", {"yes"}, FINDING_WARN, "queue ids repeat, and the journal names messages by them"},
    {"internal_mail_filter_classes", {"bounce"}, FINDING_WARN, "a reply that bounced would count as an answer"},
};

static bool has_word(const char *value, const Wanted *want) {
    g_autoptr(GPtrArray) words = text_words(value);
    for (guint i = 0; i < words->len; i++)
        for (size_t j = 0; j < G_N_ELEMENTS(want->good) && want->good[j]; j++)
            if (text_equal(g_ptr_array_index(words, i), want->good[j]))
                return true;
    return false;
}

/* "{ unix:/x, default_action=accept }" overrides milter_default_action for this one milter. */
static char *overridden(const char *ours, const char *name) {
    const char *option = g_str_has_prefix(name, "milter_") ? name + strlen("milter_") : name;
    g_auto(GStrv) sides = g_strsplit_set(ours ? ours : "", "=", -1);
    for (char **side = sides; *side; side++)
        g_strstrip(*side);
    g_autofree char *copy = g_strjoinv("=", sides);
    g_strdelimit(copy, "{},", ' ');
    g_autoptr(GPtrArray) words = text_words(copy);
    for (guint i = 0; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        size_t length = strlen(option);
        if (strncmp(word, option, length) == 0 && word[length] == '=')
            return g_strdup(word + length + 1);
    }
    return NULL;
}

static void look_at_wanted(const Postfix *postfix, const Wanted *want) {
    unsigned behind;
    g_autofree char *ours = NULL;
    our_place(postfix, setting(postfix, "smtpd_milters"), &behind, &ours);
    g_autofree char *own = overridden(ours, want->name);
    g_autofree char *check = g_strconcat("postfix ", want->name, NULL);
    const char *value = own ? own : setting(postfix, want->name);
    if (!own && !g_hash_table_contains(postfix->main, want->name)) {
        Complaint old = {FINDING_WARN, check, "update Postfix (3.7.9, 3.8.4 or later)"};
        doctor_complain(postfix->doctor, &old, "this Postfix does not know it: %s", want->because);
    } else if (has_word(value, want)) {
        doctor_ok(postfix->doctor, check, "%s", value);
    } else {
        g_autofree char *remedy =
            g_strdup_printf("postconf -e '%s = %s', then postfix reload", want->name, want->good[0]);
        Complaint complaint = {want->state, check, remedy};
        doctor_complain(postfix->doctor, &complaint, "it is \"%s\": %s", value, want->because);
    }
}

static char *ask_postconf(const Doctor *doctor, const char *option, GError **error) {
    const char *words[] = {"postconf", option, NULL};
    return postfix_run(doctor->postfix, words, NULL, error);
}

void doctor_look_at_postfix(Doctor *doctor) {
    g_autoptr(GError) error = NULL;
    g_autofree char *main_text = ask_postconf(doctor, "-x", &error);
    g_autofree char *master_text = main_text ? ask_postconf(doctor, "-P", &error) : NULL;
    if (!master_text) {
        Complaint complaint = {FINDING_WARN, "postfix",
                               "with Sendmail this is as it should be; else run doctor on the mail server"};
        doctor_complain(doctor, &complaint, "%s", error->message);
        return;
    }
    Postfix postfix = {.doctor = doctor, .main = read_settings(main_text), .master = read_settings(master_text)};
    if (endpoint_parse(policy_settings(doctor->policy)->milter_socket, &postfix.endpoint, NULL)) {
        bool second_hop = has_second_hop(&postfix);
        look_at_milters(&postfix, second_hop);
        look_at_expansion(&postfix, second_hop);
        look_at_reentry(&postfix, second_hop);
        doctor_look_at_reach(doctor, &postfix.endpoint, setting(&postfix, "mail_owner"));
        PostfixConfig config = {doctor->postfix, postfix.main, postfix.master};
        doctor_look_at_tls(doctor, &config);
        doctor_probe(doctor, &config);
        for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
            look_at_wanted(&postfix, &wanted[i]);
    }
    endpoint_clear(&postfix.endpoint);
    g_hash_table_unref(postfix.main);
    g_hash_table_unref(postfix.master);
}
