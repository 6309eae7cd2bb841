/* SPDX-License-Identifier: Apache-2.0 */
/* One line, one write: lines of different threads never mix, and a long one is cut rather than split. */
#include "base/log.h"
#include "base/instant.h"
#include "base/text.h"
#include "base/timesource.h"
#include <glib.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

static const char *log_program = "lexgate";
static bool log_to_stderr = true; /* until log_open() says otherwise */
static atomic_ulong library_warnings;

/* GLib's texts are dropped unread: GMime's can quote a message. */
static GLogWriterOutput drop_library_line(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer state) {
    atomic_fetch_add(&library_warnings, 1);
    return G_LOG_WRITER_HANDLED;
}

void log_open(const char *program, bool foreground) {
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    log_program = program;
    log_to_stderr = foreground;
    signal(SIGXFSZ, SIG_IGN); /* a log file at its size limit costs a line, not the daemon */
    if (!foreground)
        openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL); /* now: a confined process cannot open it later */
    if (!atomic_flag_test_and_set(&taken))                /* GLib aborts when its writer is set twice */
        g_log_set_writer_func(drop_library_line, NULL, NULL);
}

unsigned long log_library_warnings(void) {
    return atomic_load(&library_warnings);
}

static void write_line(int priority, const char *line) {
    static const char *const names[] = {[LOG_ERR] = "error: ", [LOG_WARNING] = "warning: ", [LOG_INFO] = ""};
    if (!log_to_stderr) {
        syslog(LOG_MAIL | priority, "%s", line);
        return;
    }
    char at[INSTANT_TEXT], whole[LINE_MAX_BYTES + 128];
    TimeSource clock = timesource_system();
    int n = snprintf(whole, sizeof whole, "%s %s: %s%s\n", instant_format(timesource_now(&clock), at), log_program,
                     names[priority], line);
    if (n >= (int)sizeof whole)
        n = (int)sizeof whole - 1;
    if (n > 0 && write(STDERR_FILENO, whole, (size_t)n) < 0)
        return; /* nobody is left to tell */
}

static void log_va(int priority, const char *format, va_list args) {
    char raw[LINE_MAX_BYTES];
    int n = vsnprintf(raw, sizeof raw, format, args);
    if (n < 0)
        return;
    g_autofree char *line = text_printable(raw, strlen(raw), LINE_MAX_BYTES);
    write_line(priority, line);
}

void log_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_va(LOG_ERR, format, args);
    va_end(args);
}

void log_warning(const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_va(LOG_WARNING, format, args);
    va_end(args);
}

void log_info(const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_va(LOG_INFO, format, args);
    va_end(args);
}
