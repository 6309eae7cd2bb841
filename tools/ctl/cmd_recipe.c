/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate postfix-recipe`: the lines that connect Postfix, with the reason for each, to be read before use. */
#include "ctl/args.h"
#include "ctl/endpoint.h"
#include "ctl/firm.h"
#include "ctl/postfix.h"
#include <stdio.h>

static const char plain_head[] =
    "# Lexgate in Postfix: the plain recipe.\n"
    "#\n"
    "# Aliases, virtual maps and BCC maps that lead to somebody outside are invisible here: they are\n"
    "# expanded after the milter has looked. If you have such, take \"lexgate postfix-recipe --strict\".\n"
    "#\n"
    "# ---- main.cf ----\n"
    "# A setting that is there already is replaced, not repeated: postconf -e 'NAME = VALUE' does that.\n";

/* %s: the element of smtpd_milters. */
static const char plain_main[] =
    "# All mail over SMTP. Milters that change or refuse mail stand before Lexgate, and only the DKIM\n"
    "# signer behind it: what a later milter refuses, Lexgate has already recorded as accepted.\n"
    "smtpd_milters = %s\n"
    "# Mail of the local sendmail command and, by the next line, Postfix's own bounces, which show that a\n"
    "# reply never arrived.\n"
    "non_smtpd_milters = $smtpd_milters\n"
    "internal_mail_filter_classes = bounce\n";

static const char common_main[] =
    "# The protocol in full, and \"try again later\" for all mail while Lexgate is away: nothing passes unjudged.\n"
    "milter_protocol = 6\n"
    "milter_default_action = tempfail\n"
    "# A lone line feed is how one message is smuggled inside another (CVE-2023-51764).\n"
    "smtpd_forbid_bare_newline = yes\n"
    "# Queue ids that never repeat: the journal names messages by them.\n"
    "enable_long_queue_ids = yes\n";

static const char strict_head[] =
    "# Lexgate in Postfix: the strict recipe. Every message goes through a second smtpd on this host, after virtual\n"
    "# aliases and BCC maps have been expanded, and Lexgate judges the recipients it will really have. What Lexgate\n"
    "# refuses then comes back to the sender as a bounce instead of a refusal in the dialogue.\n"
    "#\n"
    "# /etc/aliases and .forward files are expanded at delivery, later still: what leads outside belongs into\n"
    "# virtual_alias_maps instead.\n"
    "#\n"
    "# The second hop sees no login. Mail of logged-in colleagues therefore comes from 127.0.0.2, all other mail from\n"
    "# 127.0.0.3, and lexgate.conf says whose word on the From address is good:\n"
    "#     inside: { trusted_relays = [\"127.0.0.2\"]; };\n"
    "# Only services that demand a login and hold it to the From address may use lexgate-staff.\n"
    "#\n"
    "# ---- main.cf ----\n"
    "# Leave Lexgate out of smtpd_milters here: the second hop asks it.\n"
    "content_filter = lexgate-others:[127.0.0.1]:10026\n"
    "# Postfix's own bounces, which show that a reply never arrived, go to Lexgate directly.\n"
    "internal_mail_filter_classes = bounce\n";

/* %s: the element of smtpd_milters. */
static const char strict_master[] =
    "#\n"
    "# ---- master.cf ----\n"
    "submission inet n - y - - smtpd\n"
    "    -o syslog_name=postfix/submission\n"
    "    -o smtpd_tls_security_level=encrypt\n"
    "    -o smtpd_sasl_auth_enable=yes\n"
    "    -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n"
    "    -o smtpd_sender_restrictions=reject_sender_login_mismatch\n"
    "    -o content_filter=lexgate-staff:[127.0.0.1]:10026\n"
    "# The local sendmail command is judged on the second hop as well, so not on the first.\n"
    "pickup unix n - y 60 1 pickup\n"
    "    -o receive_override_options=no_milters\n"
    "lexgate-staff unix - - n - 20 smtp\n"
    "    -o smtp_bind_address=127.0.0.2\n"
    "    -o smtp_send_xforward_command=yes\n"
    "    -o smtp_tls_security_level=none\n"
    "lexgate-others unix - - n - 20 smtp\n"
    "    -o smtp_bind_address=127.0.0.3\n"
    "    -o smtp_send_xforward_command=yes\n"
    "    -o smtp_tls_security_level=none\n"
    "# no_address_mappings: everything has been expanded on the first hop. A DKIM signer comes behind Lexgate here.\n"
    "127.0.0.1:10026 inet n - y - - smtpd\n"
    "    -o syslog_name=postfix/lexgate\n"
    "    -o content_filter=\n"
    "    -o smtpd_milters=%s\n"
    "    -o receive_override_options=no_address_mappings\n"
    "    -o mynetworks=127.0.0.0/8\n"
    "    -o smtpd_authorized_xforward_hosts=127.0.0.0/8\n"
    "    -o smtpd_client_restrictions=permit_mynetworks,reject\n"
    "    -o smtpd_helo_restrictions=\n"
    "    -o smtpd_sender_restrictions=\n"
    "    -o smtpd_relay_restrictions=\n"
    "    -o smtpd_recipient_restrictions=permit_mynetworks,reject\n"
    "    -o smtpd_tls_security_level=none\n";

/* The listener at smtp.reentry; its name; the element of smtpd_milters; what was done on the first hop. */
static const char reentry_master[] = "# Where recipients need different copies of a message (some encrypted, some not, "
                                     "some blind), Lexgate submits each\n"
                                     "# here and throws the message away. Only here is a copy known by its mark; no "
                                     "other mail is taken. It needs these\n"
                                     "# processes of its own: the smtpd that has the message waits meanwhile. Header "
                                     "rewriting would spoil the mark. A DKIM\n"
                                     "# signer comes behind Lexgate here too.\n"
                                     "%s inet n - y - 20 smtpd\n"
                                     "    -o syslog_name=postfix/lexgate-reentry\n"
                                     "    -o milter_macro_daemon_name=%s\n"
                                     "    -o smtpd_milters=%s\n"
                                     "    -o content_filter=\n"
                                     "    -o receive_override_options=%s\n"
                                     "    -o local_header_rewrite_clients=\n"
                                     "    -o mynetworks=127.0.0.0/8\n"
                                     "    -o smtpd_client_restrictions=permit_mynetworks,reject\n"
                                     "    -o smtpd_helo_restrictions=\n"
                                     "    -o smtpd_sender_restrictions=\n"
                                     "    -o smtpd_relay_restrictions=\n"
                                     "    -o smtpd_recipient_restrictions=permit_mynetworks,reject\n"
                                     "    -o smtpd_tls_security_level=none\n"
                                     "    -o smtpd_sasl_auth_enable=no\n";

static char *queue_directory(const char *folder) {
    char *text = postfix_run(folder, (const char *const[]){"postconf", "-h", "queue_directory", NULL}, NULL, NULL);
    return text ? g_strstrip(text) : g_strdup("/var/spool/postfix");
}

static void print_where(const Endpoint *endpoint, const char *queue) {
    if (!endpoint->path)
        return;
    g_autofree char *below = g_strconcat(queue, "/", NULL);
    if (g_str_has_prefix(endpoint->path, below))
        printf("# The socket is %s. Its name here is relative to %s,\n"
               "# where Postfix's daemons work, chrooted (5th column of master.cf: y) or not. The user postfix must be "
               "in the\n"
               "# socket's group: usermod -a -G lexgate postfix, if systemd-sysusers has not done it.\n",
               endpoint->path, queue);
    else
        printf("# %s is outside %s, where a chrooted smtpd cannot see it: better move milter.socket there.\n",
               endpoint->path, queue);
}

static void print_recipe(const Settings *settings, const Endpoint *endpoint, const char *queue, bool strict) {
    g_autofree char *address = endpoint_for_postfix(endpoint, queue);
    fputs(strict ? strict_head : plain_head, stdout);
    print_where(endpoint, queue);
    if (!strict)
        printf(plain_main, address);
    fputs(common_main, stdout);
    if (strict)
        printf("non_smtpd_milters = %s\n", address);
    if (strict)
        printf(strict_master, address);
    else
        fputs("#\n# ---- master.cf ----\n", stdout);
    printf(reentry_master, settings->smtp_reentry, settings->milter_reentry, address,
           strict ? "no_address_mappings,no_header_body_checks" : "no_header_body_checks");
}

/* Without it nobody behind the second hop is staff, and their mail is judged as a stranger's in the firm's name. */
static void warn_of_relays(const Policy *policy) {
    if (!policy_is_trusted_relay(policy, "127.0.0.2"))
        fputs("lexgate: warning: the configuration lacks what this recipe needs: inside: { trusted_relays = "
              "[\"127.0.0.2\"]; };\n",
              stderr);
    if (policy_is_trusted_relay(policy, "127.0.0.3"))
        fputs("lexgate: warning: inside.trusted_relays holds 127.0.0.3, from which this recipe brings the mail of "
              "strangers: they could write as staff\n",
              stderr);
}

int cmd_postfix_recipe(const CommandLine *line) {
    gboolean strict = FALSE;
    g_autofree char *folder = NULL;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "on a second hop, behind the expansion of aliases", NULL},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &folder, "configuration directory of Postfix", "DIR"},
        {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    g_autoptr(Policy) policy = firm_policy(line);
    g_auto(Endpoint) endpoint = {0};
    g_autoptr(GError) error = NULL;
    if (!policy)
        return EXIT_USAGE;
    if (!endpoint_parse(policy_settings(policy)->milter_socket, &endpoint, &error))
        return command_fail("%s", error->message);
    g_autofree char *queue = queue_directory(folder);
    print_recipe(policy_settings(policy), &endpoint, queue, strict);
    if (strict)
        warn_of_relays(policy);
    return EXIT_DONE;
}
