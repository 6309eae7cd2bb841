/* SPDX-License-Identifier: Apache-2.0 */
/* libldap, synchronously: nobody waits for this but a timer. */
#include "ctl/directory.h"
#include "base/io.h"
#include "base/text.h"
#include <lber.h>
#include <ldap.h>
#include <string.h>

enum {
    PAGE = 500,
    ENTRIES_MAX = 200000,
    VALUE_MAX = 1 << 20,
    VALUES_MAX = 50,
    NETWORK_SECONDS = 30,
    ALL_SECONDS = 600
};

static char *attributes[] = {"userCertificate;binary", "userCertificate", "userSMIMECertificate;binary",
                             "userSMIMECertificate", NULL};

static bool failed(const Settings *settings, LDAP *ldap, int code, const char *what, GError **error) {
    char *said = NULL;
    if (ldap != NULL)
        ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    g_autofree char *clean = said && *said ? text_printable(said, strlen(said), 300) : NULL;
    ldap_memfree(said);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "directory %s: %s: %s%s%s", settings->directory_url, what,
                ldap_err2string(code), clean ? "; " : "", clean ? clean : "");
    return false;
}

static bool is_private(const char *url) {
    return g_str_has_prefix(url, "ldapi:") || g_str_has_prefix(url, "ldap://127.") ||
           g_str_has_prefix(url, "ldap://localhost") || g_str_has_prefix(url, "ldap://[::1]");
}

static bool set_options(const Settings *settings, LDAP *ldap) {
    int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, fresh = 0;
    struct timeval network = {.tv_sec = NETWORK_SECONDS};
    if (ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version) ||
        ldap_set_option(ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) ||
        ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &network) ||
        ldap_set_option(ldap, LDAP_OPT_TIMEOUT, &network) ||
        ldap_set_option(ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand))
        return false;
    if (settings->directory_roots && ldap_set_option(ldap, LDAP_OPT_X_TLS_CACERTFILE, settings->directory_roots))
        return false;
    return ldap_set_option(ldap, LDAP_OPT_X_TLS_NEWCTX, &fresh) == LDAP_SUCCESS;
}

static bool log_in(const Settings *settings, LDAP *ldap, GError **error) {
    g_autofree char *password = NULL;
    if (settings->directory_password_file) {
        size_t length = 0;
        password = io_read_file(settings->directory_password_file, 4096, &length, error);
        if (!password)
            return false;
        password[strcspn(password, "\r\n")] = '\0';
    }
    struct berval secret = {password ? strlen(password) : 0, password ? password : ""};
    int code = ldap_sasl_bind_s(ldap, settings->directory_user, LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
    return code == LDAP_SUCCESS || failed(settings, ldap, code, "the login failed", error);
}

static LDAP *connect_to(const Settings *settings, GError **error) {
    LDAP *ldap = NULL;
    int code = ldap_initialize(&ldap, settings->directory_url);
    if (code != LDAP_SUCCESS || !set_options(settings, ldap)) {
        failed(settings, NULL, code == LDAP_SUCCESS ? LDAP_PARAM_ERROR : code, "it cannot be asked", error);
    } else {
        bool secure = g_str_has_prefix(settings->directory_url, "ldaps:") || is_private(settings->directory_url);
        code = secure ? LDAP_SUCCESS : ldap_start_tls_s(ldap, NULL, NULL);
        if (code != LDAP_SUCCESS)
            failed(settings, ldap, code, "no verified TLS (STARTTLS)", error);
        else if (log_in(settings, ldap, error))
            return ldap;
    }
    if (ldap != NULL)
        ldap_unbind_ext_s(ldap, NULL, NULL);
    return NULL;
}

static void take_entry(LDAP *ldap, LDAPMessage *entry, CertReads *reads) {
    for (char **name = attributes; *name; name++) {
        struct berval **values = ldap_get_values_len(ldap, entry, *name);
        for (int i = 0; values && values[i] && i < VALUES_MAX; i++)
            if (values[i]->bv_len <= VALUE_MAX)
                certread_bytes(reads, values[i]->bv_val, values[i]->bv_len, NULL);
        ldap_value_free_len(values);
    }
}

/* One page; *cookie is where the next one begins, empty behind the last. */
static int read_page(const Settings *settings, LDAP *ldap, struct berval *cookie, CertReads *reads,
                     DirectoryCounts *counts) {
    LDAPControl *page = NULL, **answered = NULL;
    LDAPMessage *result = NULL;
    struct timeval limit = {.tv_sec = NETWORK_SECONDS};
    int code = ldap_create_page_control(ldap, PAGE, cookie, 1, &page), server_code = LDAP_SUCCESS;
    LDAPControl *controls[] = {page, NULL};
    if (code == LDAP_SUCCESS)
        code = ldap_search_ext_s(ldap, settings->directory_base, LDAP_SCOPE_SUBTREE, settings->directory_filter,
                                 attributes, 0, controls, NULL, &limit, LDAP_NO_LIMIT, &result);
    if (page != NULL)
        ldap_control_free(page);
    for (LDAPMessage *entry = code == LDAP_SUCCESS ? ldap_first_entry(ldap, result) : NULL; entry;
         entry = ldap_next_entry(ldap, entry), counts->entries++)
        take_entry(ldap, entry, reads);
    ber_memfree(cookie->bv_val);
    *cookie = (struct berval){0, NULL};
    if (code == LDAP_SUCCESS)
        code = ldap_parse_result(ldap, result, &server_code, NULL, NULL, NULL, &answered, 0);
    LDAPControl *next = code == LDAP_SUCCESS ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, answered, NULL) : NULL;
    ber_int_t total;
    if (next != NULL)
        code = ldap_parse_pageresponse_control(ldap, next, &total, cookie);
    ldap_controls_free(answered);
    ldap_msgfree(result);
    return code != LDAP_SUCCESS ? code : server_code;
}

bool directory_read(const Settings *settings, CertReads *reads, DirectoryCounts *counts, GError **error) {
    gint64 start = g_get_monotonic_time();
    LDAP *ldap = connect_to(settings, error);
    if (ldap == NULL)
        return false;
    struct berval cookie = {0, NULL};
    int code;
    do {
        code = read_page(settings, ldap, &cookie, reads, counts);
        if (code == LDAP_SUCCESS && g_get_monotonic_time() - start > ALL_SECONDS * G_USEC_PER_SEC)
            code = LDAP_TIMEOUT;
    } while (code == LDAP_SUCCESS && cookie.bv_len > 0 && counts->entries < ENTRIES_MAX);
    counts->whole = code == LDAP_SUCCESS && cookie.bv_len == 0;
    bool good = code == LDAP_SUCCESS || failed(settings, ldap, code, "the search failed", error);
    ber_memfree(cookie.bv_val);
    ldap_unbind_ext_s(ldap, NULL, NULL);
    return good;
}
