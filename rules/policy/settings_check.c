/* SPDX-License-Identifier: Apache-2.0 */
/* What the table of settings cannot say: the syntax of single settings, and defaults that depend on others. */
#include "base/io.h"
#include "base/text.h"
#include "policy/loading.h"
#include "policy/settings.h"
#include <string.h>
#include <sys/un.h>

typedef struct {
    Policy *policy;
    Settings *settings;
    const Node *root;
    GPtrArray *problems;
} Check;

/* Where the files give a setting ("firm.domains"); the root when they do not. */
static const Node *place_of(const Check *check, const char *name) {
    g_auto(GStrv) steps = g_strsplit(name, ".", -1);
    const Node *node = check->root;
    for (char **step = steps; node && *step; step++)
        node = node->kind == NODE_GROUP ? node_member(node, *step) : NULL;
    return node ? node : check->root;
}

static bool is_given(const Check *check, const char *name) {
    return place_of(check, name) != check->root;
}

static bool domain_is_plausible(const char *domain) {
    g_autofree char *probe = g_strconcat("x@", domain, NULL);
    return !strpbrk(domain, "@[]*") && address_is_plausible(probe);
}

static void check_domains(const Check *check) {
    GPtrArray *domains = check->settings->firm_domains;
    const Node *place = place_of(check, "firm.domains");
    if (domains->len == 0 && is_given(check, "firm.domains"))
        node_error(check->problems, place, "firm.domains is empty; name at least one domain");
    for (guint i = 0; i < domains->len; i++) {
        g_autofree char *at = g_strconcat("@", domains->pdata[i], NULL), *normal = address_normalise(at);
        char *lower = g_strdup(normal + 1);
        g_free(domains->pdata[i]);
        domains->pdata[i] = lower;
        if (!domain_is_plausible(lower))
            node_error(check->problems, place, "\"%s\" is no mail domain; write it like \"firm.test\", without @ or *",
                       lower);
    }
}

/* Whether the day has passed is asked again and again (policy/due.h). */
static void check_policy(const Check *check) {
    const char *day = check->settings->policy_review_by;
    if (!day)
        return;
    const Node *place = place_of(check, "firm.policy.review_by");
    check->policy->review_file = g_strdup(place->file);
    check->policy->review_line = place->line;
    if (!text_is_day(day))
        node_error(check->problems, place, "\"%s\" is no day; write it like \"2027-05-31\"", day);
}

static void check_networks(const Check *check, const char *name, const GPtrArray *texts, GArray *networks) {
    const Node *place = place_of(check, name);
    for (guint i = 0; i < texts->len; i++) {
        Network network;
        if (!network_parse(texts->pdata[i], &network)) {
            node_error(check->problems, place, "%s: \"%s\" is no network; write \"10.1.0.0/16\" or \"2001:db8::/32\"",
                       name, (char *)texts->pdata[i]);
            continue;
        }
        if (strchr(texts->pdata[i], '/') && (network.bits == 0 || network.bits == 96))
            node_warning(check->problems, place, "%s: \"%s\" is the whole internet", name, (char *)texts->pdata[i]);
        g_array_append_val(networks, network);
    }
}

static bool is_port(const char *text) {
    guint64 port;
    return g_ascii_string_to_unsigned(text, 10, 1, 65535, &port, NULL);
}

/* "host:25", "[::1]:25". */
static void check_host_port(const Check *check, const char *name, const char *text, const char *example) {
    const char *colon = text ? strrchr(text, ':') : NULL;
    if (!text || (colon && colon > text && is_port(colon + 1) && !strpbrk(text, " /@")))
        return;
    node_error(check->problems, place_of(check, name), "%s: \"%s\" is no HOST:PORT; write it like \"%s\"", name, text,
               example);
}

/* One way to Redis; the socket has a default, so that any other comes before it. */
static void check_way_to_redis(const Check *check) {
    static const char *const ways[] = {"redis.socket", "redis.server", "redis.sentinel", "redis.cluster"};
    const char *given = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        if (given && is_given(check, ways[i]))
            node_error(check->problems, place_of(check, ways[i]),
                       "%s and %s are both given; keep the one to be used", ways[i], given);
        if (is_given(check, ways[i]))
            given = ways[i];
    }
    if (given && !text_equal(given, "redis.socket"))
        g_clear_pointer(&check->settings->redis_socket, g_free);
}

/* The kernel takes no longer ones. */
static void check_socket_path(const Check *check, const char *name, const char *path) {
    size_t most = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;
    if (strlen(path) > most)
        node_error(check->problems, place_of(check, name),
                   "%s: the path of a socket has at most %zu bytes, and \"%s\" has %zu; choose a shorter one", name,
                   most, path, strlen(path));
}

/* libmilter's own ways to write a socket; the path of a unix socket becomes absolute. */
static void check_milter_socket(const Check *check) {
    char **socket = &check->settings->milter_socket;
    const Node *place = place_of(check, "milter.socket");
    const char *text = *socket ? *socket : "", *rest = strchr(text, ':');
    if (g_str_has_prefix(text, "inet:") || g_str_has_prefix(text, "inet6:")) {
        g_autofree char *port = g_strndup(rest + 1, strcspn(rest + 1, "@"));
        if (!is_port(port))
            node_error(check->problems, place,
                       "milter.socket: \"%s\" has no port; write it like \"inet:8899@127.0.0.1\"", text);
        else if (!strchr(text, '@'))
            node_warning(
                check->problems, place,
                "milter.socket: \"%s\" listens to every network; write \"%s@127.0.0.1\" for this machine alone", text,
                text);
        return;
    }
    const char *path = g_str_has_prefix(text, "unix:") || g_str_has_prefix(text, "local:") ? rest + 1 : text;
    if (!*path || (path == text && *path != '/')) {
        node_error(check->problems, place, "milter.socket: \"%s\" is no socket; write unix:PATH or inet:PORT@HOST",
                   text);
        return;
    }
    g_autofree char *absolute = *place->path ? io_path_from(place->path, path) : g_strdup(path);
    check_socket_path(check, "milter.socket", absolute);
    char *whole = g_strconcat("unix:", absolute, NULL);
    g_free(*socket);
    *socket = whole;
}

static void check_redis(const Check *check) {
    Settings *settings = check->settings;
    const GPtrArray *sentinels = settings->redis_sentinel, *nodes = settings->redis_cluster;
    check_way_to_redis(check);
    check_host_port(check, "redis.server", settings->redis_server, "127.0.0.1:6379");
    for (guint i = 0; sentinels && i < sentinels->len; i++)
        check_host_port(check, "redis.sentinel", sentinels->pdata[i], "127.0.0.1:26379");
    for (guint i = 0; nodes && i < nodes->len; i++)
        check_host_port(check, "redis.cluster", nodes->pdata[i], "127.0.0.1:6379");
    if (sentinels && sentinels->len && (!*settings->redis_master || strpbrk(settings->redis_master, " \r\n")))
        node_error(check->problems, place_of(check, "redis.master"), "\"%s\" is no name of a master",
                   settings->redis_master);
    if (settings->redis_user && !settings->redis_password_file)
        node_error(check->problems, place_of(check, "redis.user"), "redis.user needs redis.password_file; add it");
    if (settings->redis_tag && !text_is_id(settings->redis_tag))
        node_error(check->problems, place_of(check, "redis.tag"), "\"%s\" cannot be a tag; use letters, digits, . _ -",
                   settings->redis_tag);
}

static void check_smtp(const Check *check) {
    Settings *settings = check->settings;
    const Node *place = place_of(check, "smtp.from");
    check_host_port(check, "smtp.relay", settings->smtp_relay, "127.0.0.1:25");
    check_host_port(check, "smtp.reentry", settings->smtp_reentry, "127.0.0.1:10027");
    if (text_equal(settings->smtp_relay, settings->smtp_reentry))
        node_error(check->problems, place_of(check, "smtp.reentry"),
                   "smtp.reentry and smtp.relay are both %s, but the listener for copies takes nothing else; give it a "
                   "port of its own",
                   settings->smtp_reentry);
    if (!settings->smtp_from && settings->firm_domains->len && domain_is_plausible(settings->firm_domains->pdata[0]))
        settings->smtp_from = g_strconcat("deadlines@", settings->firm_domains->pdata[0], NULL);
    if (settings->smtp_from && !address_is_plausible(settings->smtp_from))
        node_error(check->problems, place, "smtp.from: \"%s\" is no address; write name@domain", settings->smtp_from);
    else if (settings->smtp_from && !policy_is_ours(check->policy, settings->smtp_from))
        node_warning(check->problems, place, "smtp.from %s is in none of firm.domains; answers to notices may get lost",
                     settings->smtp_from);
    if (!settings->smtp_user != !settings->smtp_password_file)
        node_error(check->problems, place_of(check, settings->smtp_user ? "smtp.user" : "smtp.password_file"),
                   "smtp.user and smtp.password_file go together; give both or none");
}

static void check_paths(const Check *check) {
    Settings *settings = check->settings;
    const char *state = settings->paths_state ? settings->paths_state : "";
    const char *run = settings->paths_run ? settings->paths_run : "";
    if (!settings->paths_journal)
        settings->paths_journal = g_build_filename(state, "journal", NULL);
    if (!settings->paths_keys)
        settings->paths_keys = g_build_filename(state, "keys", NULL);
    if (!settings->escalation_socket)
        settings->escalation_socket = g_build_filename(run, "escalated.sock", NULL);
    check_socket_path(check, is_given(check, "escalation.socket") ? "escalation.socket" : "paths.run",
                      settings->escalation_socket);
}

static void check_people(const Check *check) {
    const GPtrArray *people = check->settings->headers_no_reply_by;
    for (guint i = 0; i < people->len; i++)
        if (!address_is_plausible(people->pdata[i]))
            node_error(check->problems, place_of(check, "headers.no_reply_by"),
                       "headers.no_reply_by: \"%s\" is no address; write name@domain", (char *)people->pdata[i]);
    const GPtrArray *hours = check->settings->escalation_quiet_hours;
    for (guint i = 0; i < hours->len; i++)
        if (!text_is_hours(hours->pdata[i]))
            node_error(check->problems, place_of(check, "escalation.quiet_hours"),
                       "\"%s\" is no time of day; write it like \"20:00-07:00\"", (char *)hours->pdata[i]);
        else if (text_equal(hours->pdata[i], "00:00-24:00"))
            node_error(check->problems, place_of(check, "escalation.quiet_hours"),
                       "\"00:00-24:00\" is the whole day: no reminder would ever be sent; leave some hours");
}

static void check_directory(const Check *check) {
    const Settings *settings = check->settings;
    const char *url = settings->directory_url;
    const Node *place = place_of(check, "directory.url");
    if (url && !g_str_has_prefix(url, "ldaps://") && !g_str_has_prefix(url, "ldap://") &&
        !g_str_has_prefix(url, "ldapi://"))
        node_error(check->problems, place, "directory.url: \"%s\" is no directory; write ldaps://HOST", url);
    if (url && !settings->directory_base)
        node_error(check->problems, place, "directory.url needs directory.base; add it (\"dc=client,dc=test\")");
    if (!settings->directory_user != !settings->directory_password_file)
        node_error(check->problems,
                   place_of(check, settings->directory_user ? "directory.user" : "directory.password_file"),
                   "directory.user and directory.password_file go together; give both or none");
}

/* Only what can be fetched and checked. */
static void check_trust(const Check *check) {
    const Settings *settings = check->settings;
    for (guint i = 0; i < settings->trust_crl_urls->len; i++) {
        const char *url = settings->trust_crl_urls->pdata[i];
        if (!g_str_has_prefix(url, "http://") && !g_str_has_prefix(url, "https://"))
            node_error(check->problems, place_of(check, "trust.crl_urls"),
                       "trust.crl_urls: \"%s\" is no web address; write http://HOST/FILE", url);
    }
    if (settings->trust_crl_urls->len && !settings->trust_crls)
        node_error(check->problems, place_of(check, "trust.crl_urls"),
                   "trust.crl_urls needs trust.crls, the folder to keep them in; add it");
}

/* An empty registry is allowed, and hardly meant. */
static void check_registry(const Check *check) {
    const Settings *settings = check->settings;
    const Node *place = place_of(check, "registry");
    const struct {
        const char *name, *path, *meaning;
    } files[] = {{"registry.staff", settings->registry_staff, "nobody counts as staff"},
                 {"registry.clients", settings->registry_clients, "nobody counts as a client"},
                 {"registry.matters", settings->registry_matters, "no mail belongs to a matter"}};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        if (!files[i].path && !is_given(check, files[i].name))
            node_warning(check->problems, place, "%s is not given: %s", files[i].name, files[i].meaning);
}

bool text_is_hours(const char *text) {
    unsigned minutes[2];
    for (int i = 0; i < 2; i++, text += 6) {
        if (strlen(text) != (i ? 5u : 11u) || text[2] != ':' || (!i && text[5] != '-'))
            return false;
        static const int digits[] = {0, 1, 3, 4};
        for (size_t d = 0; d < G_N_ELEMENTS(digits); d++)
            if (!g_ascii_isdigit(text[digits[d]]))
                return false;
        unsigned hour = (unsigned)((text[0] - '0') * 10 + text[1] - '0');
        unsigned minute = (unsigned)((text[3] - '0') * 10 + text[4] - '0');
        if (hour > 24 || minute > 59)
            return false;
        minutes[i] = hour * 60 + minute;
    }
    return minutes[0] < 1440 && minutes[1] <= 1440 && minutes[0] != minutes[1];
}

static bool has_words(const char *text) {
    for (; *text; text = g_utf8_next_char(text))
        if (g_unichar_isalnum(g_utf8_get_char(text)))
            return true;
    return false;
}

static void check_encryption(const Check *check) {
    const GPtrArray *lines = check->settings->encryption_harmless_text;
    for (guint i = 0; i < lines->len; i++)
        if (!has_words(lines->pdata[i]))
            node_error(check->problems, place_of(check, "encryption.harmless_text"),
                       "\"%s\" would let any text stand beside encrypted files; write the words of the line",
                       (char *)lines->pdata[i]);
}

static void check_mta(const Check *check) {
    const char *log = check->settings->mta_log;
    if (!log || *log == '/' || strcmp(log, "journald") == 0 || g_str_has_prefix(log, "journald:/"))
        return;
    node_error(check->problems, place_of(check, "mta.log"),
               "\"%s\" is no log; write the whole path of a file, such as \"/var/log/mail.log\", or \"journald\"", log);
}

void settings_check(Policy *policy, const Node *root, GPtrArray *problems) {
    Settings *settings = &policy->settings;
    Check check = {policy, settings, root, problems};
    check_domains(&check);
    check_policy(&check);
    check_networks(&check, "inside.networks", settings->inside_networks, policy->inside);
    check_networks(&check, "inside.trusted_relays", settings->inside_trusted_relays, policy->relays);
    check_milter_socket(&check);
    check_redis(&check);
    check_smtp(&check);
    check_paths(&check);
    check_people(&check);
    check_encryption(&check);
    check_mta(&check);
    check_registry(&check);
    check_directory(&check);
    check_trust(&check);
    if (settings->firm_unfiled_level)
        level_parse(settings->firm_unfiled_level, &policy->unfiled_level);
}
