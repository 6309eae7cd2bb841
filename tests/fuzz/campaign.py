#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs libFuzzer programs, as many at once as there are processors, each until it has used its seconds of CPU or found something.

    campaign.py FOLDER SECONDS TARGET…     FOLDER: of a build with --enable-fuzzing, where tests/fuzz/fuzz_TARGET are

New units are kept in FOLDER/corpus/TARGET, findings as FOLDER/findings/TARGET-…, what the program said as FOLDER/TARGET.log. One line for
each target tells how it ended. Exit 1 when one found something or did not run.
"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

SEEDS = Path(__file__).resolve().parent / "corpus"
LOOK_SECONDS, TELL_SECONDS = 0.5, 30
TICKS = os.sysconf("SC_CLK_TCK")
UNIT_SECONDS = 100  # by the clock on the wall, for one unit: longer than any busy machine needs


class Target:
    def __init__(self, folder, name):
        self.name, self.log, self.cpu, self.asked = name, folder / f"{name}.log", 0.0, False
        kept = folder / "corpus" / name
        for path in (kept, folder / "findings"):
            path.mkdir(parents=True, exist_ok=True)
        seeds = [SEEDS / name] if (SEEDS / name).is_dir() else []
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [f"tests/fuzz/fuzz_{name}", "-print_final_stats=1", f"-timeout={UNIT_SECONDS}", f"-artifact_prefix=findings/{name}-", kept, *seeds],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def look(self, seconds):
        """Has it ended? One that has used its seconds is asked to end after the unit that it is at."""
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            self.cpu = max(self.cpu, (int(fields[11]) + int(fields[12])) / TICKS)
        if self.cpu >= seconds and not self.asked:
            self.process.send_signal(signal.SIGUSR1)
            self.asked = True
        return self.process.poll() is not None

    def summary(self):
        """(one line, whether all is well)"""
        said = self.log.read_text(errors="replace")
        figure = {name: int(value) for name, value in re.findall(r"^stat::(\w+):\s+(\d+)", said, re.M)}
        found = re.findall(r"Test unit written to (\S+)", said)
        well = self.process.returncode == 0 and self.asked
        ending = "no finding" if well else f"FOUND {', '.join(found)}" if found else f"ended with {self.process.returncode}"
        return (f"fuzz {self.name}: {self.cpu:.0f} s of CPU, {figure.get('number_of_executed_units', 0)} executions, "
                f"{figure.get('new_units_added', 0)} new units, {ending}"), well


def run(folder, seconds, names):
    waiting, running, bad, told = list(names), [], 0, time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < len(os.sched_getaffinity(0)):
                running.append(Target(folder, waiting.pop(0)))
            time.sleep(LOOK_SECONDS)
            for target in [t for t in running if t.look(seconds)]:
                running.remove(target)
                line, well = target.summary()
                print(line, flush=True)
                if not well:
                    bad += 1
                    print("\n".join(target.log.read_text(errors="replace").splitlines()[-30:]), flush=True)
            if running and time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                print("fuzzing " + ", ".join(f"{t.name} {t.cpu:.0f}/{seconds} s" for t in running) + f"; {len(waiting)} to come",
                      file=sys.stderr, flush=True)
    finally:
        for target in running:
            target.process.kill()
            target.process.wait()
    return bad


def main():
    if len(sys.argv) < 4 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(1 if run(Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3:]) else 0)


if __name__ == "__main__":
    main()
