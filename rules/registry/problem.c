/* SPDX-License-Identifier: Apache-2.0 */
/* A problem: one line for people about one place in one file. */
#include "registry/import.h"
#include "base/text.h"
#include <string.h>

#define PROBLEM_TEXT_MAX 600

/* What could not be read says its own name, which the line begins with already. */
static const char *without_name(const char *text, const char *file) {
    size_t length = strlen(file);
    return length && strncmp(text, file, length) == 0 && strncmp(text + length, ": ", 2) == 0 ? text + length + 2 : text;
}

Problem *problem_new(ProblemKind kind, const char *file, unsigned line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    Problem *problem = g_new0(Problem, 1);
    problem->kind = kind;
    problem->file = g_strdup(file ? file : "");
    problem->line = line;
    /* What people typed is quoted in it, and it must stay one line. */
    const char *said = without_name(text, problem->file);
    problem->text = text_printable(said, strlen(said), PROBLEM_TEXT_MAX);
    return problem;
}

void problem_free(Problem *problem) {
    if (!problem)
        return;
    g_free(problem->file);
    g_free(problem->text);
    g_free(problem);
}

char *problem_say(const Problem *problem) {
    const char *kind = problem->kind == PROBLEM_ERROR ? "error" : "warning";
    if (problem->line)
        return g_strdup_printf("%s:%u: %s: %s", problem->file, problem->line, kind, problem->text);
    return g_strdup_printf("%s: %s: %s", problem->file, kind, problem->text);
}

bool problems_fatal(const GPtrArray *problems) {
    for (guint i = 0; i < problems->len; i++)
        if (((const Problem *)problems->pdata[i])->kind == PROBLEM_ERROR)
            return true;
    return false;
}
