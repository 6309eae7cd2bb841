# SPDX-License-Identifier: Apache-2.0
"""Waiting for what another process does: until it is so, not for a while."""
import socket
import time

PATIENCE = 6  # a slow or busy machine may take that many times longer than what a wait is given
HANGS = 300  # seconds: a program that has not ended by then will not end


def free_port():
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, timeout=20.0, what="something", every=0.02):
    """Polls until `condition` gives something true, and gives that back; `timeout` is what is enough on a quiet machine."""
    end = time.monotonic() + timeout * PATIENCE
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout * PATIENCE:.0f} s for {what}")
        time.sleep(every)


def can_connect(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as s:
        s.settimeout(PATIENCE)
        try:
            s.connect(address)
            return True
        except OSError:
            return False
