#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lexgate beside a receive-only libmilter filter and Debian's opendkim (verifying): the same mail, one run, interleaved.

Each figure is the median of the rounds, with the spread; ratios are taken round by round. Peers on unix sockets unless said.
    tests/bench/bench.py [--rounds 7] [--messages 8000] [--connections 10] [--size 5000] [--json]
"""
import argparse
import base64
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "demo"))
import servers  # noqa: E402

BENCH = Path(os.environ.get("LEXGATE_BENCH", ROOT / "_build" / "build" / "tests" / "bench"))


def body_of(size):
    """What milterload sends."""
    body = b""
    while len(body) < size:
        body += b"Line %d of a letter that asks: can the hearing be moved?\r\n" % len(body)
    return body


def dkim_header(folder, size):
    """A DKIM-Signature (simple/simple) of the message that milterload sends, with its key where opendkim finds it without DNS."""
    key = folder / "dkim.key"
    servers.run("openssl", "genrsa", "-out", key, "2048")
    public = "".join(servers.run("openssl", "rsa", "-in", key, "-pubout").stdout.splitlines()[1:-1])
    (folder / "dns").write_text(f"bench._domainkey.harbour.test v=DKIM1; k=rsa; p={public}\n")
    digest = base64.b64encode(hashlib.sha256(body_of(size)).digest()).decode()
    value = f" v=1; a=rsa-sha256; c=simple/simple; d=harbour.test; s=bench; h=From:To:Subject:Date; bh={digest}; b="
    signed = ("From: Nora Finch <nora@harbour.test>\r\nTo: Alice Aldous <alice@aldous.test>\r\nSubject: When is the hearing?\r\n"
              "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n" + f"DKIM-Signature:{value}")
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed.encode(), capture_output=True, check=True).stdout
    return f"DKIM-Signature:{value}{base64.b64encode(signature).decode()}"


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid):
    table = servers.process_table()
    return [pid] + [p for p, (parent, _, _) in table.items() if parent == pid]


def load(address, options, header, number):
    done = servers.run(BENCH / "milterload", "-n", options.connections, "-m", options.messages, "-s", options.size, "-H", header, address,
                       check=False)
    result = json.loads(done.stdout)
    if result["accepted"] != options.messages:
        raise SystemExit(f"{address}: {result}")
    return result


def measure(peers, options, header):
    rounds = []
    for number in range(options.rounds + 1):
        one = {}
        for name, (address, pid) in peers.items():
            before = cpu_seconds(family(pid()))
            one[name] = load(address, options, header, number)
            one[name]["cpu_per_1000"] = (cpu_seconds(family(pid())) - before) * 1000 / options.messages
        if number:  # the first warms up
            rounds.append(one)
    return rounds


def firm():
    sys.path.insert(0, str(ROOT / "tests" / "integration"))
    import firms
    return {**firms.aldous(), "conf.d/limits.conf": "limits: { client_deadlines = 1000000; };\n"}  # all questions are one client's


def subfolder(folder):
    (folder / "office").mkdir()
    folder.chmod(0o755)
    return folder / "office"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--messages", type=int, default=8000)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--size", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lexgate-bench-", dir="/tmp"))
    office = servers.Office(firm(), "aldous.test", folder=subfolder(folder))
    header = dkim_header(folder, options.size)
    (folder / "opendkim.conf").write_text(f"Mode v\nSocket local:{folder}/dkim.sock\nSyslog no\nTestDNSData {folder}/dns\n"
                                          "UserID root\nUMask 000\nLogWhy no\nOn-Default accept\n")
    children = []
    try:
        office.redis.start()
        office.start_gateway()
        children.append(subprocess.Popen([BENCH / "receiveonly", f"unix:{folder}/receive.sock"]))
        children.append(subprocess.Popen(["opendkim", "-f", "-x", folder / "opendkim.conf"]))
        servers.wait_for(lambda: servers.can_connect(f"{folder}/receive.sock") and servers.can_connect(f"{folder}/dkim.sock"), what="the peers")
        peers = {"lexgate": (office.milter_socket, lambda: office.gateway.process.pid),
                 "receive-only": (f"unix:{folder}/receive.sock", lambda: children[0].pid),
                 "opendkim": (f"unix:{folder}/dkim.sock", lambda: children[1].pid)}
        rounds = measure(peers, options, header)
        report(rounds, options)
    finally:
        for child in children:
            child.kill()
            child.wait()
        office.remove()


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def report(rounds, options):
    out = {"messages": options.messages, "connections": options.connections, "size": options.size, "rounds": len(rounds)}
    for name in rounds[0]:
        out[name] = {figure: spread([r[name][figure] for r in rounds]) for figure in ("per_second", "p50", "p99", "cpu_per_1000")}
    for peer in ("receive-only", "opendkim"):
        out[f"rate / {peer}"] = spread([r["lexgate"]["per_second"] / r[peer]["per_second"] for r in rounds])
    out["cpu / opendkim"] = spread([r["lexgate"]["cpu_per_1000"] / max(r["opendkim"]["cpu_per_1000"], 1e-9) for r in rounds])
    if options.json:
        print(json.dumps(out))
        return
    print(f"{options.size} bytes, {options.connections} connections, {options.messages} messages, {len(rounds)} rounds; median (min to max)")
    for name in rounds[0]:
        f = out[name]
        print(f"  {name:13}" + "  ".join(f"{k} {v['median']:.2f} ({v['min']:.2f} to {v['max']:.2f})" for k, v in f.items()))
    for key in ("rate / receive-only", "rate / opendkim", "cpu / opendkim"):
        print(f"  {key:20} {out[key]['median']:.3f} ({out[key]['min']:.3f} to {out[key]['max']:.3f})")


if __name__ == "__main__":
    main()
