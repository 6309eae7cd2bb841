# SPDX-License-Identifier: Apache-2.0
"""What a sanitizer says of a daemon fails the test in which it said it, whatever that test looks at."""
import os
import signal

import pytest

import servers
from cputime import sanitized


def test_a_report_in_any_log_of_an_office_is_a_failure(own_office):
    office = own_office(start=False)
    for report in ("==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60300001", "x.c:3:5: runtime error: signed integer overflow"):
        (office.folder / "escalated-2.log").write_text("started\n" + report + "\n    #0 in main\n")
        with pytest.raises(RuntimeError, match=report.split(": ")[1]):
            office.remove()
        office.folder.mkdir()
    office.provoked = "in lmdb"
    (office.folder / "milter.log").write_text("x: runtime error: a\n    #0 in lmdb\ny: runtime error: b\n    #0 in main\n")
    with pytest.raises(RuntimeError, match="(?s)daemon:\ny: .*main"):
        office.remove()
    with pytest.raises(RuntimeError, match="LeakSanitizer"):
        servers.run("sh", "-c", "echo '==8==ERROR: LeakSanitizer: detected memory leaks' >&2")


@pytest.mark.skipif(not sanitized(), reason="a build without sanitizers")
@pytest.mark.parametrize("role", ["front", "judge"])
def test_every_role_can_write_its_report(gateway, role):
    office = gateway()
    os.kill(office.gateway.children(role)[0], signal.SIGSEGV)
    servers.wait_for(lambda: "ERROR: AddressSanitizer: SEGV" in office.gateway.text(), what="the report")
    servers.wait_for(office.gateway.serves, what="the next one")
    with pytest.raises(RuntimeError, match="AddressSanitizer"):
        office.remove()
