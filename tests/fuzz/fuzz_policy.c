/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file. Whatever it says, it loads or there is an error with a place; what loads can be asked. */
#include "policy/detectors.h"
#include "policy/load.h"
#include "policy/source.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 forgets a text that stands where its grammar wants none, and what it had read before an error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

static void ask(const Policy *policy) {
    const GPtrArray *rules = policy_rules(policy);
    for (guint i = 0; i < rules->len; i++)
        if (policy_rule(policy, ((const Rule *)rules->pdata[i])->id) == NULL)
            abort();
    policy_is_ours(policy, "a@firm.test");
    policy_is_inside(policy, "10.1.2.3");
    for (int i = 0; detector_names[i]; i++)
        if (!policy_detector(policy, detector_names[i]))
            abort();
    if (strlen(policy_digest(policy)) != 64)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup("", size);
    memcpy(text, data, size);
    text[size] = '\0';
    SourceFile file = {.kind = SOURCE_CONFIG,
                       .file = "lexgate.conf",
                       .path = "/etc/lexgate/lexgate.conf",
                       .name = "lexgate.conf",
                       .text = text,
                       .length = size};
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_ptr_array_add(files, &file);
    PolicySource source = {files};
    g_autoptr(Policy) policy = policy_parse(&source, instant_from_seconds(1795000000), problems);
    bool error = false;
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        error |= problem->kind == PROBLEM_ERROR;
        if (!problem->file || !*problem->text)
            abort();
    }
    if (error == (policy != NULL))
        abort();
    if (policy)
        ask(policy);
    return 0;
}
