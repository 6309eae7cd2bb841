# SPDX-License-Identifier: Apache-2.0
"""The demonstration, as a newcomer starts it."""
import servers


def test_every_outcome_of_the_story_is_right():
    done = servers.run("/usr/bin/python3", servers.ROOT / "tools" / "demo" / "story.py", "--once", check=False, timeout=240)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
