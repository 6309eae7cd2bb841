# SPDX-License-Identifier: Apache-2.0
"""The demonstration, as a newcomer starts it."""
import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

import servers

STORY = servers.ROOT / "tools" / "demo" / "story.py"


def test_every_outcome_of_the_story_is_right():
    done = servers.run("/usr/bin/python3", STORY, "--once", check=False, timeout=servers.HANGS)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def run_with_story(words, text, cwd="/"):
    """Runs the demonstration with another story in its place: `text` is the body of tell_story(office, certificate)."""
    program = (f"import sys, time\nsys.path.insert(0, {str(STORY.parent)!r})\nsys.argv[1:] = {words!r}\nimport story\n"
               f"def tell_story(office, certificate):\n    s = story.Story(office)\n    {text}\n    return s\n"
               "story.tell_story = tell_story\nsys.exit(story.main())\n")
    return subprocess.Popen(["/usr/bin/python3", "-c", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd,
                            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def left_behind(folder):
    """Processes that name the folder or work in it, as Postfix's do."""
    def works_there(pid):
        with contextlib.suppress(OSError):
            return folder in os.readlink(f"/proc/{pid}/cwd")
    return [argv for pid, (_, _, argv) in servers.process_table().items() if any(folder in word for word in argv) or works_there(pid)]


def test_an_outcome_that_is_wrong_is_an_exit_status():
    done = run_with_story(["--once"], "s.scene('A mishap.'); s.right(False, 'all is well')")
    said, _ = done.communicate(timeout=servers.HANGS)
    assert done.returncode == 1 and "WRONG: all is well" in said and "NOT as it should" in said


def test_an_open_firm_gives_its_addresses_and_leaves_nothing_behind():
    """Ctrl-C reaches the whole process group, as from a terminal; a plain kill must do as well."""
    for send in (lambda p: os.killpg(p.pid, signal.SIGINT), lambda p: p.terminate()):
        firm = run_with_story([], "s.scene('A quiet day.')")
        said = ""
        while "the logs" not in said:
            line = firm.stdout.readline()
            assert line, said
            said += line
        folder = re.search(r"/tmp/lexgate-[^/]+", said).group()
        assert "submission" in said and left_behind(folder)
        send(firm)
        firm.communicate(timeout=servers.HANGS)
        assert firm.returncode == 0
        assert not Path(folder).exists()
        assert servers.wait_for(lambda: not left_behind(folder), 10, "an empty process table")


def test_a_story_that_is_interrupted_leaves_nothing_behind():
    firm = run_with_story(["--once"], "print(office.folder, flush=True); time.sleep(60)")
    while not (line := firm.stdout.readline()).startswith("/tmp/lexgate-"):
        assert line
    os.killpg(firm.pid, signal.SIGINT)
    said, _ = firm.communicate(timeout=servers.HANGS)
    assert firm.returncode == 130 and "Traceback" not in said
    assert not Path(line.strip()).exists()
    assert servers.wait_for(lambda: not left_behind(line.strip()), 10, "an empty process table")
