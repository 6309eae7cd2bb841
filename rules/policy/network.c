/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of hosts: which networks hold them. IPv4 is kept as mapped IPv6, so one comparison serves both. */
#include "policy/parts.h"
#include <arpa/inet.h>
#include <string.h>

static bool parse_ip(const char *text, unsigned char out[16], bool *is_v4) {
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    *is_v4 = inet_pton(AF_INET, text, out + 12) == 1;
    if (*is_v4)
        memcpy(out, mapped, sizeof mapped);
    return *is_v4 || inet_pton(AF_INET6, text, out) == 1;
}

bool network_parse(const char *text, Network *network) {
    const char *slash = strchr(text, '/');
    g_autofree char *ip = slash ? g_strndup(text, (gsize)(slash - text)) : g_strdup(text);
    bool is_v4;
    if (!parse_ip(ip, network->address, &is_v4))
        return false;
    guint64 bits = is_v4 ? 32 : 128;
    if (slash && !g_ascii_string_to_unsigned(slash + 1, 10, 0, bits, &bits, NULL))
        return false;
    network->bits = (unsigned)bits + (is_v4 ? 96 : 0);
    return true;
}

static bool holds(const Network *network, const unsigned char ip[16]) {
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->address, ip, whole) != 0)
        return false;
    return rest == 0 || ((network->address[whole] ^ ip[whole]) >> (8 - rest)) == 0;
}

bool network_contains(const GArray *networks, const char *ip) {
    unsigned char address[16];
    bool is_v4;
    if (!ip || !parse_ip(ip, address, &is_v4))
        return false;
    for (guint i = 0; i < networks->len; i++)
        if (holds(&g_array_index(networks, Network, i), address))
            return true;
    return false;
}

bool ip_is_loopback(const char *ip) {
    unsigned char address[16];
    bool is_v4;
    if (!ip || !parse_ip(ip, address, &is_v4))
        return false;
    struct in6_addr v6;
    memcpy(&v6, address, sizeof v6);
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && address[12] == 127);
}
