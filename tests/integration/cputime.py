# SPDX-License-Identifier: Apache-2.0
"""How much CPU a program may take, whatever machine it is tried on; tests/unit/cputime.h does the same for units."""
import functools
import random
import time
import zlib

import servers

QUIET = 0.0105  # seconds that the fixed work takes on the machine that the limits are from, when nobody else uses it
SANITIZERS = 6


@functools.cache
def sanitized():
    return b"__asan_init" in (servers.STAGE / "bin" / "lexgate").read_bytes()


@functools.cache
def fixed_text():
    words = "the quick brown fox jumps over a lazy dog and then some more words of lawyers".split()
    dice = random.Random(1)
    return " ".join(dice.choice(words) for _ in range(60000)).encode()


def slowness():
    """How many times longer than there work takes here and now; from 1 to 8."""
    text = fixed_text()
    start = time.process_time()
    zlib.compress(text, 6)
    return min(8.0, max(1.0, (time.process_time() - start) / QUIET))


def allowance():
    """What limits are multiplied with where the work cannot be tried again."""
    return (SANITIZERS if sanitized() else 1) * slowness()


def within(limit, work):
    """What `work()` gives, without the CPU seconds that stand last in it. Over its limit, which is that of a quiet machine and a build
    without sanitizers, it is tried again: five times in all, with what build and machine cost more at this moment allowed for."""
    for _ in range(5):
        *result, seconds = work()
        allowed = limit if seconds <= limit else limit * allowance()
        if seconds <= allowed:
            return result
    raise AssertionError(f"took {seconds:.2f} s of CPU, limit {allowed:.2f} s, over it five times in a row")


def no_slower(calm, work, factor, more, tries=5):
    """`work()` gives seconds by the clock on the wall, `calm()` what they are compared with, in turn: a moment in which the machine does
    something else falsifies either. The best of each, once work is no slower than `factor` times calm and `more`, or after so many tries."""
    usual, best = calm(), work()
    for _ in range(tries - 1):
        if best < factor * usual + more:
            break
        usual, best = calm(), min(best, work())
    assert best < factor * usual + more, f"{best * 1e3:.1f} ms, where {usual * 1e3:.1f} ms are usual"
    return usual, best
