/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in a bounded table under one lock; the text is made under the lock, the file outside it. Not synced: a lost
 * metrics file loses nothing. */
#include "base/metrics.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAIRS_MAX 256

typedef struct {
    const char *name; /* literal */
    char *labels;
    bool gauge;
    uint64_t count;
    double value;
} Metric;

struct Metrics {
    char *path;
    pthread_mutex_t lock; /* guards metrics */
    GHashTable *metrics;  /* Metric, its own key */
};

static guint metric_hash(gconstpointer key) {
    const Metric *metric = key;
    return g_str_hash(metric->name) * 31 + g_str_hash(metric->labels);
}

static gboolean metric_same(gconstpointer a, gconstpointer b) {
    const Metric *x = a, *y = b;
    return strcmp(x->name, y->name) == 0 && strcmp(x->labels, y->labels) == 0;
}

static void metric_free(gpointer data) {
    Metric *metric = data;
    g_free(metric->labels);
    g_free(metric);
}

Metrics *metrics_new(const char *path) {
    Metrics *metrics = g_new0(Metrics, 1);
    metrics->path = g_strdup(path);
    metrics->metrics = g_hash_table_new_full(metric_hash, metric_same, metric_free, NULL);
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

void metrics_free(Metrics *metrics) {
    if (!metrics)
        return;
    g_hash_table_unref(metrics->metrics);
    pthread_mutex_destroy(&metrics->lock);
    g_free(metrics->path);
    g_free(metrics);
}

/* Under the lock. NULL when the table is full, or the labels would break the file's lines. */
static Metric *find_or_add(Metrics *metrics, const char *name, const char *labels) {
    Metric key = {.name = name, .labels = (char *)labels};
    Metric *metric = g_hash_table_lookup(metrics->metrics, &key);
    if (metric || g_hash_table_size(metrics->metrics) >= PAIRS_MAX || strpbrk(labels, "\r\n{}"))
        return metric;
    metric = g_new0(Metric, 1);
    metric->name = name;
    metric->labels = g_strdup(labels);
    g_hash_table_add(metrics->metrics, metric);
    return metric;
}

void metrics_count(Metrics *metrics, const char *name, const char *labels, uint64_t add) {
    pthread_mutex_lock(&metrics->lock);
    Metric *metric = find_or_add(metrics, name, labels);
    if (metric)
        metric->count += add;
    pthread_mutex_unlock(&metrics->lock);
}

void metrics_set(Metrics *metrics, const char *name, const char *labels, double value) {
    pthread_mutex_lock(&metrics->lock);
    Metric *metric = find_or_add(metrics, name, labels);
    if (metric) {
        metric->gauge = true;
        metric->value = value;
    }
    pthread_mutex_unlock(&metrics->lock);
}

static gint by_name(gconstpointer a, gconstpointer b) {
    const Metric *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->labels, y->labels);
}

static void append_metric(GString *text, const Metric *metric) {
    g_string_append(text, metric->name);
    if (*metric->labels)
        g_string_append_printf(text, "{%s}", metric->labels);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (metric->gauge)
        g_string_append_printf(text, " %s\n", g_ascii_dtostr(number, sizeof number, metric->value));
    else
        g_string_append_printf(text, " %" G_GUINT64_FORMAT "\n", (guint64)metric->count);
}

/* Prometheus wants the lines of one name together, behind its type. */
static GString *make_text(Metrics *metrics) {
    GString *text = g_string_new(NULL);
    pthread_mutex_lock(&metrics->lock);
    g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_keys(metrics->metrics), by_name);
    const char *last = "";
    for (const GList *link = sorted; link; link = link->next) {
        const Metric *metric = link->data;
        if (strcmp(metric->name, last) != 0)
            g_string_append_printf(text, "# TYPE %s %s\n", metric->name, metric->gauge ? "gauge" : "counter");
        last = metric->name;
        append_metric(text, metric);
    }
    pthread_mutex_unlock(&metrics->lock);
    return text;
}

bool metrics_write(Metrics *metrics) {
    g_autofree char *temporary = g_strconcat(metrics->path, ".XXXXXX", NULL);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    GString *text = make_text(metrics);
    bool done = fchmod(fd, 0644) == 0 && io_write_all(fd, text->str, text->len);
    int number = errno;
    g_string_free(text, TRUE);
    if (close(fd) != 0 || !done || rename(temporary, metrics->path) != 0) {
        number = done ? errno : number;
        unlink(temporary);
        errno = number;
        return false;
    }
    return true;
}
