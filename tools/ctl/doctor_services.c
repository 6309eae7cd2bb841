/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's look at what must be running: Redis, the milter, lexgate-escalated, and the way of entries between them.
 */
#include "base/io.h"
#include "base/timesource.h"
#include "ctl/ask.h"
#include "ctl/doctor.h"
#include "ctl/endpoint.h"
#include "ctl/tail.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MILTER_TIMEOUT_MS 5000
#define SLOW_REDIS_MS 50

/* An empty batch of a writer of our own goes the way every entry goes: the script is there, and Redis lets us write. */
static bool write_once(const Doctor *doctor, Store *store, GError **error) {
    uint64_t mark = 0;
    if (!store_mark(store, "doctor", &mark, error))
        return false;
    StoreBatch batch = {.writer = "doctor", .first = mark + 1, .last = mark + 1, .head = mark + 1, .now = doctor->now};
    return store_apply(store, &batch, error);
}

static bool look_at_redis(Doctor *doctor, Store *store) {
    g_autoptr(GError) error = NULL;
    Complaint away = {FINDING_FAIL, "redis",
                      "start Redis or correct redis.socket / redis.server / redis.sentinel / redis.cluster and its passwords; mail flows meanwhile, reminders do not"};
    Complaint read_only = {FINDING_FAIL, "redis", "is it a replica, or full (maxmemory), or failing to save to disk?"};
    Complaint moving = {FINDING_FAIL, "redis", "end the move of our hash slot (redis-cli --cluster check); what was asked meanwhile follows by itself"};
    Complaint no_right = {FINDING_FAIL, "redis", "give redis.user the rights that lexgate.conf(5) lists with it"};
    if (!store_ping(store, &error)) { /* connects, so that the second one measures */
        doctor_complain(doctor, &away, "%s", error->message);
        return false;
    }
    Instant before = monotonic_now();
    if (!store_ping(store, &error) || !write_once(doctor, store, &error)) {
        bool moves = strstr(error->message, "TRYAGAIN") || strstr(error->message, "ASK ");
        doctor_complain(doctor, moves ? &moving : strstr(error->message, "NOPERM") ? &no_right : &read_only, "it answers, but cannot be written: %s", error->message);
        return false;
    }
    double ms = (double)instant_since(monotonic_now(), before).us / 1000;
    Complaint evicts = {
        FINDING_FAIL, "redis",
        "set maxmemory-policy to noeviction in redis.conf, then run `lexgate rebuild`: deadlines may be "
        "missing already"};
    g_autofree char *eviction = store_eviction(store);
    if (eviction)
        doctor_complain(doctor, &evicts, "throws deadlines away when memory is short (maxmemory-policy is %s)",
                        eviction);
    Complaint slow = {FINDING_WARN, "redis", "look at redis-cli --latency and SLOWLOG; is it swapping?"};
    if (ms > SLOW_REDIS_MS)
        doctor_complain(doctor, &slow, "reachable and writable, but a question and a change take %.0f ms", ms);
    else
        doctor_ok(doctor, "redis", "reachable and writable; a question and a change take %.1f ms", ms);
    return true;
}

static void look_at_lag(Doctor *doctor, const TailLag *lag) {
    char at[INSTANT_TEXT];
    if (lag->last.us > instant_add(doctor->now, duration_seconds(120)).us) {
        Complaint future = {FINDING_WARN, "journal", "the clock was ahead once: see that it is right now"};
        doctor_complain(doctor, &future, "the journal of %s: its last entry is of %s, in the future", lag->writer,
                        instant_format(lag->last, at));
    }
    if (lag->shipped > lag->written) {
        Complaint lost = {
            FINDING_FAIL, "journal",
            "the tail of this journal was cut: \"lexgate journal verify --head\", then \"lexgate rebuild\""};
        doctor_complain(doctor, &lost, "journal lag of %s: Redis has entry %llu, the journal ends at %llu", lag->writer,
                        (unsigned long long)lag->shipped, (unsigned long long)lag->written);
    } else if (lag->shipped < lag->written) {
        Complaint behind = {FINDING_WARN, "journal",
                            "are lexgate-milter and lexgate-escalated running? If so it catches up by itself"};
        doctor_complain(doctor, &behind, "journal lag of %s: Redis is %llu of %llu entries behind", lag->writer,
                        (unsigned long long)(lag->written - lag->shipped), (unsigned long long)lag->written);
    } else {
        doctor_ok(doctor, "journal", "journal lag of %s: none, all %llu entries are in Redis", lag->writer,
                  (unsigned long long)lag->written);
    }
}

static void look_at_journal(Doctor *doctor, Store *store) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) lags = tail_lags(policy_settings(doctor->policy)->paths_journal, store, &error);
    if (!lags) {
        Complaint complaint = {FINDING_FAIL, "journal", "see that paths.journal exists and that you may read it"};
        doctor_complain(doctor, &complaint, "%s", error->message);
        return;
    }
    for (guint i = 0; i < lags->len; i++)
        look_at_lag(doctor, g_ptr_array_index(lags, i));
    if (lags->len == 0)
        doctor_ok(doctor, "journal", "journal lag: none, nothing has been written yet");
}

/* SMFIC_OPTNEG, version 6, no wishes; a milter answers with the same letter. 'Q' ends the session. */
static bool negotiate(int fd, uint32_t *version) {
    unsigned char offer[] = {0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff};
    static const unsigned char quit[] = {0, 0, 0, 1, 'Q'};
    unsigned char answer[9];
    struct timeval limit = {.tv_sec = MILTER_TIMEOUT_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (!io_write_all(fd, offer, sizeof offer) || !io_read_all(fd, answer, sizeof answer) || answer[4] != 'O')
        return false;
    memcpy(version, answer + 5, sizeof *version);
    *version = ntohl(*version);
    return io_write_all(fd, quit, sizeof quit);
}

static void look_at_milter(Doctor *doctor) {
    const char *spec = policy_settings(doctor->policy)->milter_socket;
    g_auto(Endpoint) endpoint = {0};
    g_autoptr(GError) error = NULL;
    Complaint away = {FINDING_FAIL, "milter", "systemctl status lexgate-milter; the MTA defers mail until it runs"};
    int fd = endpoint_parse(spec, &endpoint, &error) ? endpoint_connect(&endpoint, MILTER_TIMEOUT_MS, &error) : -1;
    uint32_t version = 0;
    if (fd < 0)
        doctor_complain(doctor, &away, "%s: %s", spec, error->message);
    else if (!negotiate(fd, &version))
        doctor_complain(doctor, &away, "%s is there but does not speak milter within %d s", spec,
                        MILTER_TIMEOUT_MS / 1000);
    else
        doctor_ok(doctor, "milter", "%s answers, protocol %u", spec, version);
    if (fd >= 0)
        close(fd);
}

/* Any answer will do: of an older daemon, a refusal. */
static void look_at_escalated(Doctor *doctor) {
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) request = json_pack("{s:s}", "act", "ping");
    g_autoptr(json_t) answer = ask_daemon(doctor->policy, request, &error);
    if (answer) {
        doctor_ok(doctor, "lexgate-escalated", "%s answers", policy_settings(doctor->policy)->escalation_socket);
        return;
    }
    Complaint away = {FINDING_FAIL, "lexgate-escalated",
                      "systemctl status lexgate-escalated; reminders and acts wait until it runs"};
    doctor_complain(doctor, &away, "%s", error->message);
}

void doctor_look_at_services(Doctor *doctor) {
    g_autoptr(Store) store = firm_store(doctor->policy);
    if (look_at_redis(doctor, store)) {
        look_at_journal(doctor, store);
        doctor_look_at_keys(doctor, store);
        doctor_look_at_hints(doctor, store);
        doctor_look_at_deadlines(doctor, store);
    }
    doctor_look_at_breakers(doctor);
    look_at_milter(doctor);
    look_at_escalated(doctor);
}
