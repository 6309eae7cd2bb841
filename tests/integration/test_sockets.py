# SPDX-License-Identifier: Apache-2.0
"""How the gateway is reached: unix, inet, and sockets that the service manager holds."""
import os
import socket
import subprocess
import time

import pytest

import firms
import servers
from letters import BEN, PETER, ask, letter, mark
from miltclient import NO_REPLY, MilterClient, split


def test_every_step_that_decides_nothing_is_negotiated_away(office):
    milter = MilterClient(office.milter_address)
    for step in "CHMRTLNB":
        from miltclient import NO_STEP
        assert milter.protocol & (NO_REPLY.get(step, 0) | NO_STEP.get(step, 0)), step
    assert milter.protocol & 0x100000, "leading spaces"
    milter.close()


def test_an_inet_socket_behind_postfix_takes_under_5_ms_a_message(own_office):
    office = own_office(milter_inet=True)
    question = ask(office, PETER, BEN)
    office.sink.wait(lambda m: mark(question).encode() in m.data)
    import smtplib
    with smtplib.SMTP("127.0.0.1", office.postfix.plain) as smtp:
        smtp.ehlo("x.test")

        def send():
            smtp.mail("peter@quill.test")
            smtp.rcpt("ben@aldous.test")
            began = time.monotonic()
            assert smtp.data(letter(PETER, BEN).as_bytes())[0] == 250
            return time.monotonic() - began
        with_milter = min(send() for _ in range(40))
    office.postfix.reload(smtpd_milters="")
    time.sleep(1)  # Postfix has no sign for "reloaded"; its processes end one by one
    with smtplib.SMTP("127.0.0.1", office.postfix.plain) as smtp:
        smtp.ehlo("x.test")
        without = min(send() for _ in range(40))
    print(f"inet: {with_milter * 1e3:.1f} ms a message, {without * 1e3:.1f} without a milter")  # the delay that is feared comes each time
    assert (with_milter - without) * 1e3 < 5


def test_socket_activation_takes_the_service_managers_socket(own_office):
    office = own_office(start=False)
    office.redis.start()
    path = office.milter_address
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(office.rundir / "notify"))
    os.chmod(office.rundir / "notify", 0o777)
    notify.settimeout(servers.HANGS)
    keeper = subprocess.Popen(["/bin/sh", "-c", 'exec env LISTEN_FDS=1 LISTEN_PID=$$ NOTIFY_SOCKET="$2" "$0" -c "$1" -f',
                               servers.STAGE / "sbin" / "lexgate-milter", office.config, office.rundir / "notify"],
                              stdout=open(office.gateway.log, "ab"), stderr=subprocess.STDOUT,
                              preexec_fn=lambda: os.dup2(listener.fileno(), 3), close_fds=False)
    try:
        said = b""
        while b"READY=1" not in said:
            said = notify.recv(4096)
        milter = MilterClient(path)
        headers, body = split(letter(PETER, BEN).as_bytes())
        assert milter.message("peter@quill.test", ["ben@aldous.test"], headers, body)[0] in "ac"
        milter.close()
    finally:
        keeper.terminate()
        keeper.wait(servers.HANGS)
    assert os.path.exists(path), "the socket is the service manager's to remove"


@pytest.mark.real
def test_the_judge_cannot_open_files_or_sockets(office):
    for pid in office.gateway.children("judge"):
        status = open(f"/proc/{pid}/status").read()
        assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
    for pid in office.gateway.children("judge"):
        targets = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        assert not [t for t in targets if "keys" in t or "journal" in t], targets


def test_restarting_the_gateway_leaves_no_process_behind(own_office):
    office = own_office(firms.aldous())
    office.gateway.stop()
    left = [argv for _, _, argv in servers.process_table().values() if argv[0].endswith("lexgate-milter") and str(office.folder) in " ".join(argv)]
    assert left == [] and not os.path.exists(office.milter_address)
