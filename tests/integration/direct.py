# SPDX-License-Identifier: Apache-2.0
"""Speaking milter to a gateway ourselves, without an MTA between."""
import subprocess

from letters import BEN, PETER, letter
from miltclient import MilterClient, split


def give(office, message=None, sender="peter@quill.test", to=("ben@aldous.test",), **kw):
    """(final reply, its text, changes) for one message on a connection of its own."""
    headers, body = split((message or letter(PETER, BEN)).as_bytes())
    milter = MilterClient(office.milter_address)
    try:
        return milter.message(sender, list(to), headers, body, **kw)
    finally:
        milter.close()


def give_as(office, login, to, message):
    return give(office, message, sender=login, to=to, login=login)


def verify(office):
    return office.lexgate("journal", "verify")


def set_limit(office, pid, what, soft):
    """Limits a running process, as its own user: root in a container may not."""
    who = {"user": office.user, "group": "postfix", "extra_groups": []} if office.user else {}
    return subprocess.run(["prlimit", "--pid", str(pid), f"--{what}={soft}:"], capture_output=True, **who).returncode == 0
