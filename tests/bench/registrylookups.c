/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge pays for a registry of any size: how long it takes to open, how much memory is its own, and how long
 * look-ups of each kind take, at random places of registers as tests/integration/bigfirm.py makes them. Prints one JSON
 * object.
 *
 *   registrylookups SNAPSHOT CLIENTS MATTERS */
#include "base/json.h"
#include "registry/registry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 20000 };

typedef struct {
    Registry *registry;
    unsigned long clients, matters;
} Bench;

/* CPU time: what the machine does besides is not the look-up's. */
static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Memory that is the process's own, in kB: the map of the snapshot is the file's. */
static long own_memory(void) {
    char line[200];
    long kb = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "RssAnon:", 8) == 0)
            kb = strtol(line + 8, NULL, 10);
    if (status)
        fclose(status);
    return kb;
}

static bool ask_matter(const Bench *bench, unsigned long n) {
    char id[32];
    g_autoptr(Matter) matter = NULL;
    g_snprintf(id, sizeof id, "M%07lu", n % bench->matters);
    return registry_matter(bench->registry, id, &matter) == LOOKUP_FOUND;
}

static bool ask_staff(const Bench *bench, unsigned long n) {
    char address[64];
    g_autoptr(Staff) staff = NULL;
    g_snprintf(address, sizeof address, "s%lu@aldous.test", n % 200);
    return registry_staff(bench->registry, address, &staff) == LOOKUP_FOUND;
}

static bool ask_client(const Bench *bench, unsigned long n) {
    char address[64];
    g_autoptr(Client) client = NULL;
    g_snprintf(address, sizeof address, "c%lu@gmail.com", n % bench->clients / 4 * 4);
    return registry_client_of(bench->registry, address, &client) == LOOKUP_FOUND;
}

static bool ask_stranger(const Bench *bench, unsigned long n) {
    char address[64];
    g_autoptr(Client) client = NULL;
    g_snprintf(address, sizeof address, "x%lu@nowhere%lu.test", n, n);
    return registry_client_of(bench->registry, address, &client) == LOOKUP_ABSENT;
}

static bool ask_matters_of(const Bench *bench, unsigned long n) {
    char id[32];
    g_autoptr(GPtrArray) matters = NULL;
    g_snprintf(id, sizeof id, "c%lu", n % bench->clients);
    return registry_matters_of(bench->registry, id, &matters) == LOOKUP_FOUND && matters->len;
}

static bool ask_alike(const Bench *bench, unsigned long n) {
    static const char *const syllables[] = {"harr", "bour", "mil",  "stonne", "wyck", "fordd", "ash", "brook",
                                            "kim",  "dale", "mour", "ganz",   "berl", "lin",   "sta", "hem"};
    char domain[64];
    Likeness like;
    g_snprintf(domain, sizeof domain, "%s%s%s%lu.com", syllables[n % 16], syllables[n / 16 % 16],
               syllables[n / 256 % 16], n / 4096 % 10);
    return registry_domain_like(bench->registry, domain, &like) != LOOKUP_FAILED;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static bool measure(const Bench *bench, const char *name, bool (*ask)(const Bench *, unsigned long), json_t *result) {
    static double us[ROUNDS];
    srand(11);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned long n = (unsigned long)rand() * 31 + (unsigned long)rand();
        double before = now_us();
        if (!ask(bench, n)) {
            fprintf(stderr, "%s %lu: not as it should be\n", name, n);
            return false;
        }
        us[i] = now_us() - before;
    }
    qsort(us, ROUNDS, sizeof *us, compare);
    json_object_set_new(result, name,
                        json_pack("{s:f,s:f}", "median_us", us[ROUNDS / 2], "p99_us", us[ROUNDS * 99 / 100]));
    return true;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: registrylookups SNAPSHOT CLIENTS MATTERS\n");
        return 2;
    }
    g_autoptr(GError) error = NULL;
    long memory = own_memory();
    double before = now_us();
    Bench bench = {registry_open(argv[1], &error), strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10)};
    double opened = now_us();
    if (!bench.registry) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    g_autoptr(json_t) result = json_object();
    json_object_set_new(result, "open_us", json_real(opened - before));
    bool good = measure(&bench, "matter", ask_matter, result) && measure(&bench, "staff", ask_staff, result) &&
                measure(&bench, "client", ask_client, result) && measure(&bench, "stranger", ask_stranger, result) &&
                measure(&bench, "matters_of_client", ask_matters_of, result) &&
                measure(&bench, "lookalike", ask_alike, result);
    json_object_set_new(result, "own_kb", json_integer(own_memory() - memory));
    json_dumpf(result, stdout, JSON_COMPACT);
    puts("");
    registry_free(bench.registry);
    return good ? 0 : 1;
}
