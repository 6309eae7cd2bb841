/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate postfix-tls-policy`: the table by which Postfix keeps what the way verified-tls has promised. */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/tlspolicy.h"
#include <stdio.h>

static const char head[] =
    "# Lexgate for smtp_tls_policy_maps, made from the column tls of the clients: make it anew when they change.\n"
    "#     lexgate postfix-tls-policy > /etc/postfix/lexgate-tls-policy && postmap /etc/postfix/lexgate-tls-policy\n"
    "#     postconf -e 'smtp_tls_policy_maps = hash:/etc/postfix/lexgate-tls-policy'; postfix reload\n"
    "# First the table, then the register: what a rule lets pass must have its line here already.\n"
    "# secure needs certificate authorities (smtp_tls_CAfile), dane-only a resolver that validates DNSSEC\n"
    "# (smtp_dns_support_level = dnssec). Mail that cannot leave so is deferred. Where a relayhost or a\n"
    "# transport map takes mail elsewhere, none of this holds. \"lexgate doctor\" looks at all of it.\n";

static const char sts[] =
    "# MTA-STS, which Postfix does not know by itself: this line accepts certificates in the name of the domain or of\n"
    "# a host in it. Where the mail is kept by another house, put a resolver before this table, which lets in the\n"
    "# hosts of the domain's MTA-STS policy; what it does not know stays with this line:\n"
    "#     smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:postfix hash:/etc/postfix/lexgate-tls-policy\n";

static void print_demands(const GPtrArray *demands) {
    for (guint i = 0; i < demands->len; i++) {
        const TlsDemand *demand = g_ptr_array_index(demands, i);
        g_autofree char *level = tlspolicy_level(demand);
        printf("%s%s %s\n", text_equal(demand->tls, "mta-sts") ? sts : "", demand->domain, level);
    }
    g_autofree char *digest = tlspolicy_digest(demands);
    printf("# Of which register all this is; \"lexgate doctor\" asks for it.\n" TLSPOLICY_DIGEST_KEY " %s\n", digest);
}

int cmd_postfix_tls_policy(const CommandLine *line) {
    g_auto(Args) args = {0};
    int status = args_parse(line, NULL, 0, 0, &args);
    if (status >= 0)
        return status;
    TimeSource clock = timesource_system();
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = firm_policy_and_registry(line, timesource_now(&clock), &registry);
    if (!policy || !registry)
        return EXIT_USAGE;
    g_autoptr(GPtrArray) demands = NULL;
    if (registry_tls_all(registry, &demands) != LOOKUP_FOUND)
        return command_fail("the registry cannot be read");
    fputs(head, stdout);
    print_demands(demands);
    return EXIT_DONE;
}
