/* SPDX-License-Identifier: Apache-2.0 */
/* lexgate-milter is three kinds of process from one program: this picks the kind. */
#include "front/front.h"
#include "judge/judge.h"
#include "keeper/roles.h"
#include <string.h>

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--role=front") == 0)
        return front_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "--role=judge") == 0)
        return judge_main(argc - 1, argv + 1);
    return keeper_main(argc, argv);
}
