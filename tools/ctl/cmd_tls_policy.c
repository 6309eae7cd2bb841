/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate postfix-tls-policy`: the table by which Postfix keeps what the way verified-tls has promised. */
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/firm.h"
#include "ctl/tlspolicy.h"
#include <stdio.h>

static const char head[] = "# Lexgate for smtp_tls_policy_maps, made from the column tls of the clients: make it anew when they change.\n"
                           "#     lexgate postfix-tls-policy > /etc/postfix/lexgate-tls-policy\n"
                           "#     postconf -e 'smtp_tls_policy_maps = texthash:/etc/postfix/lexgate-tls-policy'; postfix reload\n"
                           "# secure needs certificate authorities (smtp_tls_CAfile), dane-only a resolver that validates DNSSEC\n"
                           "# (smtp_dns_support_level = dnssec). Mail that cannot leave so is deferred. With a relayhost none of this holds.\n";

static void print_demand(const TlsDemand *demand) {
    if (demand->level)
        printf("%s %s\n", demand->domain, demand->level);
    else
        printf("# %s: by MTA-STS; add a resolver to smtp_tls_policy_maps (postfix-mta-sts-resolver)\n", demand->domain);
}

int cmd_postfix_tls_policy(const CommandLine *line) {
    g_auto(Args) args = {0};
    int status = args_parse(line, NULL, 0, 0, &args);
    if (status >= 0)
        return status;
    TimeSource clock = timesource_system();
    g_autoptr(Registry) registry = NULL;
    g_autoptr(Policy) policy = firm_policy_and_registry(line, timesource_now(&clock), &registry);
    g_autoptr(GError) error = NULL;
    if (!policy || !registry)
        return EXIT_USAGE;
    g_autoptr(GPtrArray) demands = tlspolicy_demands(registry, &error);
    if (!demands)
        return command_fail("%s", error->message);
    fputs(head, stdout);
    for (guint i = 0; i < demands->len; i++)
        print_demand(g_ptr_array_index(demands, i));
    return EXIT_DONE;
}
