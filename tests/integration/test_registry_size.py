# SPDX-License-Identifier: Apache-2.0
"""Registers of the size of a large firm's: imported in time, asked in microseconds, opened for nothing, and replaced
under daemons that run."""
import json
import os
import resource
import threading
from pathlib import Path

import pytest

import bigfirm
import firms
import servers
from cputime import allowance
from letters import ALICE, PETER, letter

LOOKUPS = Path(os.environ.get("LEXGATE_BENCH", servers.ROOT / "_build" / "build" / "tests" / "bench")) / "registrylookups"
IMPORT_SECONDS, LOOKUP_US = 60, 20
KINDS = ("matter", "staff", "client", "stranger", "matters_of_client", "lookalike")


def imported(folder, clients, matters):
    """A register of that size: what CPU the import took, what look-ups cost, and its configuration."""
    bigfirm.write(folder, clients, matters)
    conf = folder / "lexgate.conf"
    conf.write_text(bigfirm.CONF)
    (folder / "state").mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    said = servers.run(servers.STAGE / "bin" / "lexgate", "-c", conf, "registry", "import").stdout
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert f"{bigfirm.STAFF} staff, {clients} clients, {matters} matters" in said
    snapshot = next((folder / "state").glob("registry-*.mdb"))
    figures = json.loads(servers.run(LOOKUPS, snapshot, clients, matters).stdout)
    figures["import_s"], figures["file_mb"] = seconds, snapshot.stat().st_size / 1e6
    print(f"{matters} matters, {clients} clients:", json.dumps(figures))
    return figures


def keep_the_promise(figures, small):
    room = allowance()
    assert figures["import_s"] < IMPORT_SECONDS * room
    for kind in KINDS:
        assert figures[kind]["median_us"] < LOOKUP_US * room, kind
    # To open it costs the same whatever its size, and no memory that is not shared.
    assert figures["open_us"] < small["open_us"] * 10 + 1000
    assert figures["own_kb"] < small["own_kb"] + 1024


def test_fifty_thousand_matters(tmp_path):
    small = imported(tmp_path / "small", 200, 1000)
    keep_the_promise(imported(tmp_path / "large", 10000, 50000), small)


@pytest.mark.long
def test_a_million_matters_of_two_hundred_thousand_clients(tmp_path):
    small = imported(tmp_path / "small", 200, 1000)
    keep_the_promise(imported(tmp_path / "large", 200000, 1000000), small)


CROWDED_MS = 2
CROWDED_RULES = """
rules: (
  { id = "a"; when: { matter: { id = ["Z*", "none"]; }; }; do = "hold"; }, { id = "b"; when: { matter: { team = "none"; }; }; do = "hold"; },
  { id = "c"; when: { matter: { client = "none"; }; }; do = "hold"; }, { id = "d"; when: { matter: { preserved = true; }; }; stamp = ( { name = "X-P"; value = "p"; } ); },
  { id = "e"; when: { any = ( { sender: { walled_off = true; }; }, { recipient: { walled_off = true; }; } ); }; do = "hold"; },
  { id = "f"; when: { recipient: { role = "expert"; }; }; do = "hold"; },
  { id = "g"; when: { direction = "outgoing"; }; encrypt: { accept = ["consent"]; otherwise = "hold"; }; },
  { id = "h"; when: { direction = "incoming"; sender: { is = "client"; }; }; deadline = "standard"; } );
calendars: { london: { timezone = "Europe/London"; hours: { mon-fri = ["09:00-17:00"]; }; }; };
service_levels: { standard: { answer_within = "8h"; calendar = "london"; ladder = ( { at = "100%"; tell = ["owner"]; } ); }; };
"""


@pytest.mark.parametrize("clients,others", [(200, 1000), pytest.param(200000, 1000000, marks=pytest.mark.long)])
def test_a_client_and_a_court_of_twenty_thousand_matters_cost_little(tmp_path, clients, others):
    """A message that names one of them, and one that names none, both ways; every question that rules ask of matters."""
    bigfirm.write(tmp_path, clients, others)
    with open(tmp_path / "clients.csv", "a") as out:
        out.write("crowd,Crowd,@crowd.test,en,mail,standard,normal,,who=X;when=2026-01-01;scope=all;until=2026-12-31\n")
    with open(tmp_path / "matters.csv", "a") as out:
        out.writelines(bigfirm.crowded_rows(20000))
    (tmp_path / "lexgate.conf").write_text(bigfirm.CONF + CROWDED_RULES)
    staff, mail = "s11@aldous.test", []
    for subject in ("[Z0000117] costs", "costs"):
        for sender, rcpt, login in ((staff, "ann@crowd.test", "s11"), ("ann@crowd.test", staff, "-"), (staff, "clerk@court.test", "s11")):
            path = tmp_path / f"{len(mail) // 4}.eml"
            path.write_bytes(letter(sender, rcpt, subject).as_bytes())
            mail += [path, login, sender, rcpt]
    said = servers.run(LOOKUPS.with_name("judgecost"), tmp_path / "lexgate.conf", 3, *mail, timeout=servers.HANGS).stdout
    costs = [min(json.loads(line)["judge"]) / 1000 for line in said.splitlines()]
    print("ms a message:", costs)
    assert len(costs) == 6 and max(costs) < CROWDED_MS * allowance()


def own_kb(pid):
    """Memory of a process that no file stands behind."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon:")).split()[1])


def judges_kb(office):
    servers.wait_for(lambda: len(office.gateway.children("judge")) == 4, 20, "all judges")
    return sorted(own_kb(pid) for pid in office.gateway.children("judge"))[-1]


def large_registers(clients, matters):
    """Those of the firm, and many more."""
    conf = firms.aldous()
    rows = "".join(f"{row.split(',')[0]},More,{row.split(',')[2]},en,mail,,normal\n" for row in bigfirm.client_rows(clients))
    more = "".join(f"M{i:07d},c{i % clients},Matter {i},normal,alice@aldous.test,litigation,,open,,\n" for i in range(matters))
    return {"clients.csv": conf["clients.csv"] + rows, "matters.csv": conf["matters.csv"] + more}


def matter_seen(office, subject):
    """What the gateway says a client's message with this subject is about."""
    message = letter(PETER, ALICE, subject)
    code, text = office.receive("peter@quill.test", "alice@aldous.test", message.as_bytes())
    assert code == 250, text
    got = office.sink.wait(lambda m: message["Message-ID"].encode() in m.data)[0]
    return next((line.split(":", 1)[1].strip() for line in got.data.decode().splitlines() if line.startswith("X-Lexgate-Matter:")), None)


@pytest.mark.parametrize("clients,matters", [(10000, 50000), pytest.param(200000, 1000000, marks=pytest.mark.long)])
def test_a_register_is_replaced_under_running_daemons(own_office, clients, matters):
    office = own_office()
    assert matter_seen(office, "[2027-0001] the new case") == "2026-0201"
    before = judges_kb(office)
    refused, stop = [], threading.Event()

    def keep_writing():
        while not stop.is_set():
            code, text = office.receive("peter@quill.test", "alice@aldous.test", letter(PETER, ALICE, "[2027-0001] still?").as_bytes())
            if code != 250:
                refused.append(text)
    writers = [threading.Thread(target=keep_writing) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        registers = large_registers(clients, matters)
        registers["matters.csv"] += "2027-0001,quill,The new case,strict,ben@aldous.test,litigation,,open,,\n"
        for name, text in registers.items():
            whole = office.conf_dir / f".{name}"
            whole.write_text(text)
            whole.rename(office.conf_dir / name)
        office.gateway.reload()
        servers.wait_for(lambda: "(generation 2)" in office.gateway.text(), 120, "the reload", 0.2)
        servers.wait_for(lambda: matter_seen(office, "[2027-0001] the new case") == "2027-0001", 60, "new judges", 0.2)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert not refused, refused[:3]
    assert judges_kb(office) < before + 4096
    assert len(list(office.state.glob("registry-*.mdb"))) == 1, "the older snapshot is gone"
    # A judge that dies is replaced by one that sees the same.
    for pid in office.gateway.children("judge"):
        os.kill(int(pid), 9)
    assert matter_seen(office, "[2027-0001] after that") == "2027-0001"
