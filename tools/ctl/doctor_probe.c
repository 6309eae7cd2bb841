/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate doctor --probe DOMAIN`: Postfix's own posttls-finger connects to the domain's servers, asks for STARTTLS and
 * looks at the certificate as smtp(8) would. No mail is sent. */
#include "base/domain.h"
#include "base/text.h"
#include "ctl/doctor.h"
#include "ctl/postfix.h"
#include "ctl/tlspolicy.h"
#include <string.h>

#define SECONDS "20"

/* What the program said, in the words of its log. */
typedef struct {
    char *verified; /* "mx1.client.test[192.0.2.1]:25: TLSv1.3 with …"; NULL: it was not */
    char *why;      /* the line that says why not; NULL: no word about TLS at all */
    bool no_tlsa;   /* DANE was wanted, and there are no records */
} Finger;

static void finger_clear(Finger *finger) {
    g_free(finger->verified);
    g_free(finger->why);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Finger, finger_clear)

/* The lines begin with the program's name. The certificate's own complaint comes before "Untrusted TLS connection". */
static Finger read_finger(const char *said) {
    static const char good[] = "Verified TLS connection established to ";
    Finger finger = {0};
    g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *colon = strstr(*line, ": ");
        const char *text = g_str_has_prefix(*line, "posttls-finger") && colon ? colon + 2 : *line;
        finger.no_tlsa |= strstr(text, "no TLSA records found") != NULL;
        if (g_str_has_prefix(text, good) && !finger.verified)
            finger.verified = g_strdup(text + strlen(good));
        else if (!finger.why && (strstr(text, "verification failed") || strstr(text, "ailed to ") ||
                                 strstr(text, "lookup failed") || strstr(text, "TLS library problem")))
            finger.why = g_strdup(text);
    }
    return finger;
}

static void add_option(GPtrArray *words, const char *option, const char *value) {
    if (!*value)
        return;
    g_ptr_array_add(words, g_strdup(option));
    g_ptr_array_add(words, g_strdup(value));
}

/* `level` as of the table: "secure match=a:b", "dane-only". */
static GPtrArray *finger_words(const PostfixConfig *config, const char *place, const char *level) {
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    const char *match = strstr(level, "match="), *port = postfix_setting(config, "smtp_tcp_port");
    bool own_port = *port && !text_equal(port, "smtp") && !text_equal(port, "25") && *place != '[';
    g_ptr_array_add(words, g_strdup("posttls-finger"));
    g_ptr_array_add(words, g_strdup("-c")); /* nothing of what the server says */
    add_option(words, "-t", SECONDS);
    add_option(words, "-T", SECONDS);
    add_option(words, "-l", text_equal(level, "dane-only") ? "dane-only" : "secure");
    add_option(words, "-F", postfix_setting(config, "smtp_tls_CAfile"));
    add_option(words, "-P", postfix_setting(config, "smtp_tls_CApath"));
    g_ptr_array_add(words, own_port ? g_strconcat(place, ":", port, NULL) : g_strdup(place));
    g_auto(GStrv) names = g_strsplit(match ? match + strlen("match=") : "", ":", -1);
    for (char **name = names; *name; name++)
        g_ptr_array_add(words, g_strdup(*name));
    g_ptr_array_add(words, NULL);
    return words;
}

static void tell(Doctor *doctor, const char *domain, const Finger *finger, const TlsDemand *demand) {
    g_autofree char *check = g_strconcat("probe ", domain, NULL);
    Complaint broken = {FINDING_FAIL, check,
                        demand
                            ? "mail to it stays in the queue: ask its administrator, or correct the client's column tls"
                            : "verified TLS is no way to this domain as it is"};
    if (finger->verified && !finger->no_tlsa && demand)
        doctor_ok(doctor, check, "verified TLS as the register says (%s): %s", demand->tls, finger->verified);
    else if (finger->verified && finger->no_tlsa)
        doctor_complain(doctor, &broken, "it has no TLSA records, so that there is no DANE");
    else if (finger->verified)
        doctor_ok(doctor, check,
                  "a certificate in the server's own name: %s; the name could stand in a client's column tls",
                  finger->verified);
    else
        doctor_complain(doctor, &broken, "%s", finger->why ? finger->why : "its servers do not offer STARTTLS");
}

static void probe(Doctor *doctor, const PostfixConfig *config, const char *domain) {
    g_autoptr(TlsDemand) demand = NULL;
    g_autoptr(GPtrArray) one = g_ptr_array_new(), faults = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *address = g_strconcat("x@", domain, NULL);
    Complaint unable = {FINDING_FAIL, "probe", "install Postfix's posttls-finger, and run this on the mail server"};
    Complaint unread = {FINDING_FAIL, "probe", "run \"lexgate check\""};
    if (registry_tls(doctor->registry, address, &demand) == LOOKUP_FAILED) {
        doctor_complain(doctor, &unread, "the register cannot be read");
        return;
    }
    g_ptr_array_add(one, (char *)domain);
    g_autoptr(GPtrArray) routes = routes_find(config, one, faults);
    g_autofree char *level = demand ? tlspolicy_level(demand) : g_strdup("secure match=hostname");
    g_autoptr(GPtrArray) words = finger_words(config, ((const Route *)routes->pdata[0])->place, level);
    g_autoptr(GError) error = NULL;
    g_autofree char *said = NULL;
    g_autofree char *out = postfix_ask(NULL, (const char *const *)words->pdata, "", &said, &error);
    if (!out) {
        doctor_complain(doctor, &unable, "%s", error->message);
        return;
    }
    g_autofree char *all = g_strconcat(out, "\n", said, NULL);
    g_auto(Finger) finger = read_finger(all);
    tell(doctor, domain, &finger, demand);
}

void doctor_probe(Doctor *doctor, const PostfixConfig *config) {
    Complaint odd = {FINDING_FAIL, "probe", "write the part of an address behind the @, such as client.test"};
    for (char **given = doctor->probes; given && *given; given++) {
        g_autofree char *domain = domain_to_ascii(**given == '@' ? *given + 1 : *given);
        g_autofree char *address = g_strconcat("x@", domain ? domain : "", NULL);
        if (domain && address_is_plausible(address) && *domain != '-')
            probe(doctor, config, domain);
        else
            doctor_complain(doctor, &odd, "\"%s\" is no domain", *given);
    }
}
