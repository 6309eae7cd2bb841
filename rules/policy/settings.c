/* SPDX-License-Identifier: Apache-2.0 */
/* Every setting, said once; the parser that follows the table. */
#include "policy/settings.h"
#include "base/io.h"
#include "base/text.h"
#include <string.h>

#define AT(member) offsetof(Settings, member)
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static const char *const modes[] = {"enforce", "observe", NULL};
static const char *const levels[] = {"public", "normal", "confidential", "strict", NULL};

const char *const settings_other_groups[] = {"calendars", "teams", "rosters", "service_levels", "mailboxes", "detectors", "rules", "rule_modes", NULL};

const Setting settings_table[] = {
    {NULL, "mode", SETTING_WORD, AT(mode), "enforce", 0, 0, modes, false,
     "With \"observe\" every rule is read and recorded, and nothing is changed."},

    {"firm", "name", SETTING_TEXT, AT(firm_name), NULL, 0, 0, NULL, true, "The firm's name, as notices say it."},
    {"firm", "domains", SETTING_TEXTS, AT(firm_domains), NULL, 0, 0, NULL, true,
     "The firm's mail domains; their subdomains are the firm's too."},
    {"firm", "calendar", SETTING_TEXT, AT(firm_calendar), NULL, 0, 0, NULL, false,
     "The calendar of whatever names none. Default: the only calendar, else the built-in \"always\"."},
    {"firm", "unfiled_level", SETTING_WORD, AT(firm_unfiled_level), "normal", 0, 0, levels, false,
     "The level of mail to strangers, who have no matter."},
    {"firm.policy", "version", SETTING_TEXT, AT(policy_version), "1", 0, 0, NULL, false,
     "The policy's version, named in every decision."},
    {"firm.policy", "review_by", SETTING_TEXT, AT(policy_review_by), NULL, 0, 0, NULL, false,
     "The day, YYYY-MM-DD, after which the check warns that the policy needs a review."},
    {"firm.policy", "document", SETTING_TEXT, AT(policy_document), NULL, 0, 0, NULL, false,
     "Where people find the firm's written policy."},

    {"registry", "staff", SETTING_PATH, AT(registry_staff), NULL, 0, 0, NULL, false, "The CSV file of the staff."},
    {"registry", "clients", SETTING_PATH, AT(registry_clients), NULL, 0, 0, NULL, false,
     "The CSV file of the clients."},
    {"registry", "matters", SETTING_PATH, AT(registry_matters), NULL, 0, 0, NULL, false,
     "The CSV file of the matters."},
    {"registry", "certificates", SETTING_PATH, AT(registry_certificates), NULL, 0, 0, NULL, false,
     "A folder of certificates and OpenPGP keys; it may be missing."},

    {"trust", "roots", SETTING_PATH, AT(trust_roots), NULL, 0, 0, NULL, false,
     "A file or folder of root certificates that may vouch for certificates which nobody trusts by hand."},
    {"trust", "crls", SETTING_PATH, AT(trust_crls), NULL, 0, 0, NULL, false,
     "A folder of lists of revoked certificates (CRL); \"lexgate cert refresh\" fills it."},
    {"trust", "crl_urls", SETTING_TEXTS, AT(trust_crl_urls), NULL, 0, 0, NULL, false,
     "Web addresses of such lists, beside those that certificates name."},

    {"directory", "url", SETTING_TEXT, AT(directory_url), NULL, 0, 0, NULL, false,
     "The directory (LDAP) that has certificates: ldaps://HOST or ldap://HOST, which must offer STARTTLS."},
    {"directory", "base", SETTING_TEXT, AT(directory_base), NULL, 0, 0, NULL, false,
     "Where in the directory the search begins."},
    {"directory", "filter", SETTING_TEXT, AT(directory_filter), "(|(userCertificate=*)(userSMIMECertificate=*))", 0, 0,
     NULL, false, "Which entries are asked for."},
    {"directory", "user", SETTING_TEXT, AT(directory_user), NULL, 0, 0, NULL, false,
     "The name (DN) to log in with. Default: nobody."},
    {"directory", "password_file", SETTING_PATH, AT(directory_password_file), NULL, 0, 0, NULL, false,
     "A file whose first line is its password."},
    {"directory", "roots", SETTING_PATH, AT(directory_roots), NULL, 0, 0, NULL, false,
     "A file of root certificates for the TLS of the directory. Default: the system's."},

    {"paths", "state", SETTING_PATH, AT(paths_state), PATHS_STATE_DEFAULT, 0, 0, NULL, false,
     "What must survive a restart."},
    {"paths", "journal", SETTING_PATH, AT(paths_journal), NULL, 0, 0, NULL, false,
     "The folder of the journals. Default: journal in paths.state."},
    {"paths", "keys", SETTING_PATH, AT(paths_keys), NULL, 0, 0, NULL, false,
     "The folder of key files. Default: keys in paths.state."},
    {"paths", "run", SETTING_PATH, AT(paths_run), "/run/lexgate", 0, 0, NULL, false,
     "What need not survive a restart."},

    {"milter", "socket", SETTING_TEXT, AT(milter_socket), "unix:/var/spool/postfix/lexgate/milter.sock", 0, 0, NULL,
     false, "Where the MTA finds the milter: unix:PATH, inet:PORT@HOST or inet6:PORT@HOST."},
    {"milter", "socket_group", SETTING_TEXT, AT(milter_socket_group), NULL, 0, 0, NULL, false,
     "The group that may connect to a unix socket. Default: the daemon's own."},
    {"milter", "judges", SETTING_NUMBER, AT(milter_judges), "2", 1, 64, NULL, false,
     "Judge processes for each of the two classes of sessions."},
    {"milter", "judge_messages", SETTING_NUMBER, AT(milter_judge_messages), "10000", 1, 1000000000, NULL, false,
     "Messages after which a judge is replaced by a fresh one."},
    {"milter", "judge_memory", SETTING_NUMBER, AT(milter_judge_memory), "512M", 64 * MIB, 64 * GIB, NULL, false,
     "Memory in bytes that one judge may use."},
    {"milter", "judge_time", SETTING_DURATION, AT(milter_judge_time), "10s", 1, 280, NULL, false,
     "Time after which a judge that has not answered is replaced."},
    {"milter", "connections", SETTING_NUMBER, AT(milter_connections), "1000", 1, 60000, NULL, false,
     "Connections of the MTA held at once."},
    {"milter", "message_size", SETTING_NUMBER, AT(milter_message_size), "100M", 64 * KIB, 2 * GIB, NULL, false,
     "Bytes of a message that are judged; the rest of a larger one counts as unreadable."},
    {"milter", "reentry", SETTING_TEXT, AT(milter_reentry), "lexgate-reentry", 0, 0, NULL, false,
     "The name ({daemon_name}) of the MTA's listener at smtp.reentry: only there is a copy of our own known."},

    {"inside", "networks", SETTING_TEXTS, AT(inside_networks), NULL, 0, 0, NULL, false,
     "Networks from which mail comes from inside the firm."},
    {"inside", "trusted_relays", SETTING_TEXTS, AT(inside_trusted_relays), NULL, 0, 0, NULL, false,
     "Hosts that authenticate staff themselves and vouch for From."},

    {"people", "webmail", SETTING_TEXTS, AT(people_webmail), NULL, 0, 0, NULL, false,
     "Domains of personal webmail, beside those that are built in."},
    {"people", "prospects", SETTING_TEXTS, AT(people_prospects), NULL, 0, 0, NULL, false,
     "Addresses and whole domains (@domain) of those who may become clients."},

    {"text", "footer", SETTING_TEXTS, AT(text_footer), NULL, 0, 0, NULL, false,
     "Standing words below the firm's mail, such as its legend of confidentiality: own_text leaves them out."},

    {"encryption", "triple_des", SETTING_FLAG, AT(encryption_triple_des), "false", 0, 0, NULL, false,
     "Whether S/MIME with triple DES counts as encrypted, as old programs write it."},
    {"encryption", "autocrypt", SETTING_FLAG, AT(encryption_autocrypt), "false", 0, 0, NULL, false,
     "Whether OpenPGP keys in the headers of clients' mail are taken, to be approved by hand."},
    {"encryption", "harvest", SETTING_FLAG, AT(encryption_harvest), "true", 0, 0, NULL, false,
     "Whether certificates of those who sign their mail are taken from it."},
    {"encryption", "harmless_text", SETTING_TEXTS, AT(encryption_harmless_text), NULL, 0, 0, NULL, false,
     "Lines that may stand in clear beside encrypted attachments, such as \"Please find * attached.\"."},
    {"encryption", "harmless_subject", SETTING_TEXTS, AT(encryption_harmless_subject), NULL, 0, 0, NULL, false,
     "Subjects that mail with encrypted attachments may have in clear. Default: any."},
    {"encryption", "protect_headers", SETTING_FLAG, AT(encryption_protect_headers), "true", 0, 0, NULL, false,
     "Whether the subject of what the gateway encrypts stands inside the encryption alone (RFC 9788)."},
    {"encryption", "archive", SETTING_PATHS, AT(encryption_archive), NULL, 0, 0, NULL, false,
     "Files of the firm's own certificate and OpenPGP key, to which all that the gateway encrypts is encrypted too."},

    {"redis", "socket", SETTING_PATH, AT(redis_socket), "/run/redis/redis.sock", 0, 0, NULL, false,
     "The unix socket of Redis."},
    {"redis", "server", SETTING_TEXT, AT(redis_server), NULL, 0, 0, NULL, false,
     "HOST:PORT of Redis, instead of the socket."},
    {"redis", "sentinel", SETTING_TEXTS, AT(redis_sentinel), NULL, 0, 0, NULL, false,
     "HOST:PORT of the Sentinels that know the master, instead of socket and server."},
    {"redis", "master", SETTING_TEXT, AT(redis_master), "lexgate", 0, 0, NULL, false,
     "The name under which the Sentinels watch the master."},
    {"redis", "sentinel_password_file", SETTING_PATH, AT(redis_sentinel_password_file), NULL, 0, 0, NULL, false,
     "A file whose first line is the password of the Sentinels."},
    {"redis", "cluster", SETTING_TEXTS, AT(redis_cluster), NULL, 0, 0, NULL, false,
     "HOST:PORT of some nodes of a Redis Cluster, instead of socket, server and sentinel."},
    {"redis", "user", SETTING_TEXT, AT(redis_user), NULL, 0, 0, NULL, false, "The Redis user (ACL)."},
    {"redis", "password_file", SETTING_PATH, AT(redis_password_file), NULL, 0, 0, NULL, false,
     "A file whose first line is the Redis password."},
    {"redis", "tag", SETTING_TEXT, AT(redis_tag), "firm", 0, 0, NULL, false,
     "The tag of this firm's keys; every firm on one Redis needs its own."},
    {"redis", "timeout", SETTING_DURATION, AT(redis_timeout), "1s", 0, 60, NULL, false,
     "How long an answer of Redis is awaited."},
    {"redis", "retention", SETTING_NUMBER, AT(redis_retention), "90", 15, 3650, NULL, false,
     "Days for which answered and closed deadlines can be asked for."},

    {"smtp", "relay", SETTING_TEXT, AT(smtp_relay), "127.0.0.1:25", 0, 0, NULL, false,
     "HOST:PORT that takes our notices."},
    {"smtp", "from", SETTING_TEXT, AT(smtp_from), NULL, 0, 0, NULL, false,
     "The sender of notices. Default: deadlines at the first domain."},
    {"smtp", "user", SETTING_TEXT, AT(smtp_user), NULL, 0, 0, NULL, false, "The login at the relay."},
    {"smtp", "password_file", SETTING_PATH, AT(smtp_password_file), NULL, 0, 0, NULL, false,
     "A file whose first line is the password at the relay."},
    {"smtp", "timeout", SETTING_DURATION, AT(smtp_timeout), "30s", 1, 600, NULL, false,
     "How long the relay is awaited."},
    {"smtp", "reentry", SETTING_TEXT, AT(smtp_reentry), "127.0.0.1:10027", 0, 0, NULL, false,
     "HOST:PORT of the MTA's listener that takes the copies of a message whose recipients need different ones."},

    {"mta", "log", SETTING_TEXT, AT(mta_log), NULL, 0, 0, NULL, false,
     "The mail server's log: a file such as /var/log/mail.log, or journald. Default: none is followed."},
    {"mta", "names", SETTING_TEXTS, AT(mta_names), NULL, 0, 0, NULL, false,
     "Syslog names of the mail server. Default: all that begin with postfix, and those of Sendmail."},
    {"mta", "unqueued_after", SETTING_DURATION, AT(mta_unqueued_after), "10m", 1, 86400, NULL, false,
     "How long after its acceptance a message must be in the mail server's queue."},
    {"mta", "deferred_after", SETTING_DURATION, AT(mta_deferred_after), "1h", 1, 864000, NULL, false,
     "How long a message may wait in the mail server's queue before its writer is told."},

    {"headers", "reply_by", SETTING_FLAG, AT(headers_reply_by), "true", 0, 0, NULL, false,
     "Whether mail that opens a deadline gets Reply-By and X-Message-Flag."},
    {"headers", "no_reply_by", SETTING_TEXTS, AT(headers_no_reply_by), NULL, 0, 0, NULL, false,
     "Staff who want no Reply-By: it is left out when all staff recipients are listed."},

    {"escalation", "socket", SETTING_PATH, AT(escalation_socket), NULL, 0, 0, NULL, false,
     "The socket of lexgate-escalated. Default: escalated.sock in paths.run."},
    {"escalation", "quiet_hours", SETTING_TEXTS, AT(escalation_quiet_hours), NULL, 0, 0, NULL, false,
     "Times of day without notices, such as \"20:00-07:00\"; dues do not move."},
    {"escalation", "lease", SETTING_DURATION, AT(escalation_lease), "60s", 1, 3600, NULL, false,
     "How long a claimed step belongs to one daemon."},
    {"escalation", "poll", SETTING_DURATION, AT(escalation_poll), "5s", 0, 300, NULL, false,
     "How often due steps are looked for."},

    {"journal", "segment_size", SETTING_NUMBER, AT(journal_segment_size), "64M", 4 * KIB, 4 * GIB, NULL, false,
     "Bytes after which a journal goes on in a new file."},
    {"journal", "checkpoint_every", SETTING_DURATION, AT(journal_checkpoint_every), "1d", 1, 604800, NULL, false,
     "How often a daemon notes which entries of its journal still matter, so that a wiped Redis is filled from them."},

    {"limits", "client_deadlines", SETTING_NUMBER, AT(limits_client_deadlines), "5000", 1, 1000000, NULL, false,
     "Deadlines that mail in the name of one client may open in an hour, while nothing proves who sends it."},

    {"refusal", "contact", SETTING_TEXT, AT(refusal_contact), NULL, 0, 0, NULL, false,
     "Whom staff may ask about refused or held mail; ends the text of a refusal."},
};
const size_t settings_count = G_N_ELEMENTS(settings_table);

char *setting_full_name(const Setting *setting) {
    return setting->group ? g_strconcat(setting->group, ".", setting->name, NULL) : g_strdup(setting->name);
}

/* The node of a dotted group, NULL when the files do not have it. */
static const Node *group_node(const Node *root, const char *group) {
    g_auto(GStrv) steps = g_strsplit(group ? group : "", ".", -1);
    for (char **step = steps; root && *step; step++)
        root = node_member(root, *step);
    return root && root->kind == NODE_GROUP ? root : NULL;
}

/* "10s", "5m", "2h", "1d", "250ms": wall time. */
static bool wall_parse(const char *text, Duration *duration) {
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {
        {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", INT64_C(3600000000)}, {"d", INT64_C(86400000000)}};
    char *end;
    gint64 count = g_ascii_strtoll(text, &end, 10);
    if (!g_ascii_isdigit(*text) || count > 1000000)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (text_equal(end, units[i].unit)) {
            duration->us = count * units[i].us;
            return true;
        }
    return false;
}

static void fill_duration(Duration *field, const Setting *setting, const Node *node, GPtrArray *problems) {
    const char *text = node_text(problems, node);
    Duration value;
    if (!text)
        return;
    if (!wall_parse(text, &value))
        node_error(problems, node, "%s = \"%s\" is no duration; write \"10s\", \"5m\" or \"2h\"", setting->name, text);
    else if (value.us <= 0 || value.us < setting->min * 1000000 || value.us > setting->max * 1000000)
        node_error(problems, node, "%s = \"%s\" is out of bounds; write between %s and %" G_GINT64_FORMAT "s",
                   setting->name, text, setting->min ? "1s" : "1ms", setting->max);
    else
        *field = value;
}

static void fill_number(int64_t *field, const Setting *setting, const Node *node, GPtrArray *problems) {
    int64_t value;
    if (!node_number(problems, node, &value))
        return;
    if (value < setting->min || value > setting->max)
        node_error(problems, node,
                   "%s = %" G_GINT64_FORMAT " is out of bounds; write between %" G_GINT64_FORMAT
                   " and %" G_GINT64_FORMAT,
                   setting->name, value, setting->min, setting->max);
    else
        *field = value;
}

static char *fill_text(const Setting *setting, const Node *node, GPtrArray *problems) {
    if (setting->type == SETTING_WORD) {
        int word = node_word(problems, node, setting->words, setting->name);
        return word < 0 ? NULL : g_strdup(setting->words[word]);
    }
    const char *text = node_text(problems, node);
    if (text && !*text)
        node_error(problems, node, "\"%s\" is empty; write a text, or leave the key out", setting->name);
    if (text && setting->type == SETTING_PATH && *node->path)
        return io_path_from(node->path, text);
    return g_strdup(text);
}

/* A default is written as people would write it, and read by the same code. */
static Node *default_node(const Setting *setting) {
    Node *node = node_new(setting->type == SETTING_FLAG ? NODE_FLAG : NODE_TEXT, setting->name, NULL, 0);
    node->text = g_strdup(setting->otherwise);
    node->number = setting->type == SETTING_FLAG && text_equal(setting->otherwise, "true");
    return node;
}

static void fill_field(Settings *settings, const Setting *setting, const Node *node, GPtrArray *problems) {
    void *field = (char *)settings + setting->offset;
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
    case SETTING_WORD:
        g_free(*(char **)field);
        *(char **)field = fill_text(setting, node, problems);
        break;
    case SETTING_NUMBER:
        fill_number(field, setting, node, problems);
        break;
    case SETTING_FLAG:
        node_flag(problems, node, field);
        break;
    case SETTING_DURATION:
        fill_duration(field, setting, node, problems);
        break;
    case SETTING_TEXTS:
    case SETTING_PATHS: {
        GPtrArray *texts = node_texts(problems, node);
        if (texts) {
            for (guint i = 0; setting->type == SETTING_PATHS && *node->path && i < texts->len; i++) {
                g_autofree char *written = texts->pdata[i];
                texts->pdata[i] = io_path_from(node->path, written);
            }
            g_ptr_array_unref(*(GPtrArray **)field);
            *(GPtrArray **)field = texts;
        }
        break;
    }
    }
}

static void fill_one(Settings *settings, const Setting *setting, const Node *root, GPtrArray *problems) {
    if (setting->type == SETTING_TEXTS || setting->type == SETTING_PATHS)
        *(GPtrArray **)((char *)settings + setting->offset) = g_ptr_array_new_with_free_func(g_free);
    if (setting->otherwise) {
        g_autoptr(Node) node = default_node(setting);
        fill_field(settings, setting, node, problems);
    }
    const Node *group = group_node(root, setting->group);
    const Node *node = group ? node_member(group, setting->name) : NULL;
    if (node)
        fill_field(settings, setting, node, problems);
    else if (setting->required) {
        g_autofree char *name = setting_full_name(setting);
        node_error(problems, group ? group : root, "%s is missing; add it, the policy cannot do without", name);
    }
}

/* Names that may stand in a group: its settings and its groups. NULL: the top level. Borrowed names. */
static GPtrArray *names_in(const char *group) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *prefix = group ? g_strconcat(group, ".", NULL) : g_strdup("");
    for (size_t i = 0; i < settings_count; i++) {
        g_autofree char *full = setting_full_name(&settings_table[i]);
        if (!g_str_has_prefix(full, prefix))
            continue;
        char *rest = g_strdup(full + strlen(prefix));
        if (strchr(rest, '.'))
            *strchr(rest, '.') = '\0';
        if (g_ptr_array_find_with_equal_func(names, rest, g_str_equal, NULL))
            g_free(rest);
        else
            g_ptr_array_add(names, rest);
    }
    for (size_t i = 0; !group && settings_other_groups[i]; i++)
        g_ptr_array_add(names, g_strdup(settings_other_groups[i]));
    g_ptr_array_add(names, NULL);
    return names;
}

static void check_names(const Node *node, const char *group, GPtrArray *problems) {
    g_autoptr(GPtrArray) names = names_in(group);
    g_autofree char *where = group ? g_strdup_printf("the group %s", group) : g_strdup("the configuration");
    for (guint i = 0; i < node->children->len; i++) {
        const Node *child = node->children->pdata[i];
        g_autofree char *full = group ? g_strconcat(group, ".", child->name, NULL) : g_strdup(child->name);
        bool is_setting = false, is_group = false;
        for (size_t s = 0; s < settings_count; s++) {
            g_autofree char *name = setting_full_name(&settings_table[s]);
            is_setting |= text_equal(full, name);
            is_group |= g_str_has_prefix(name, full) && name[strlen(full)] == '.';
        }
        if (is_setting || (!group && g_strv_contains(settings_other_groups, child->name)))
            continue;
        if (is_group && node_is_group(problems, child)) {
            check_names(child, full, problems);
        } else if (!is_group) {
            g_autofree char *hint = suggestion(child->name, (const char *const *)names->pdata);
            node_error(problems, child, "unknown key \"%s\" in %s%s", child->name, where, hint);
        }
    }
}

void settings_fill(Settings *settings, const Node *root, GPtrArray *problems) {
    check_names(root, NULL, problems);
    for (size_t i = 0; i < settings_count; i++)
        fill_one(settings, &settings_table[i], root, problems);
}

void settings_clear(Settings *settings) {
    for (size_t i = 0; i < settings_count; i++) {
        void *field = (char *)settings + settings_table[i].offset;
        switch (settings_table[i].type) {
        case SETTING_TEXT:
        case SETTING_PATH:
        case SETTING_WORD:
            g_free(*(char **)field);
            break;
        case SETTING_TEXTS:
        case SETTING_PATHS:
            if (*(GPtrArray **)field)
                g_ptr_array_unref(*(GPtrArray **)field);
            break;
        default:
            break;
        }
    }
}
