#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What judging costs beside GMime alone: the example firm's rules and rule pack, a million matters, 10,000 phrases.

A 5 kB message at most 15 × GMime's parse of it; 1 MB of plain and base64 parts at 200/780 of GMime's rate with decoding, or better.
A budget is missed when the whole middle of the spread is beyond it.
    tests/bench/judgecost.py [--rounds 7] [--matters 1000000] [--phrases 10000] [--json]
"""
import argparse
import base64
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = Path(os.environ.get("LEXGATE_BENCH", ROOT / "_build" / "build" / "tests" / "bench"))
WORDS = """the a of to and in is that for it on with as was be by at from this have are or an will would can lease court hearing witness
statement client matter payment invoice deed contract clause party claim counsel evidence letter meeting agreement property signature
completion deposit schedule notice tenant landlord title register transfer account share company director board minutes vote appeal""".split()


def prose(seed, size):
    """Text as people write it, always the same."""
    rng, out, line = random.Random(seed), [], ""
    while sum(map(len, out)) < size:
        word = rng.choice(WORDS)
        line += (" " if line else "") + (word.capitalize() if not line and rng.random() < 0.3 else word)
        if len(line) > 70:
            out.append(line + rng.choice([".", ",", "", ""]) + "\r\n")
            line = ""
    return "".join(out)


def head(sender, to, subject, more=""):
    return (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <cost@aldous.test>\r\n"
            f"MIME-Version: 1.0\r\n{more}")


def small(sender, to):
    """5 kB, as Outlook and its like write: text and HTML."""
    text = prose(1, 1900)
    html = "<html><body>" + "".join(f"<p style=\"margin:0\">{line}</p>\r\n" for line in text.split("\r\n")) + "</body></html>\r\n"
    body = (f"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
            f"--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b1--\r\n")
    return (head(sender, to, "The lease of Quay 4", "Content-Type: multipart/alternative; boundary=b1\r\n") + "\r\n" + body).encode()


def letter(sender, to):
    """5 kB of plain text."""
    return (head(sender, to, "The lease of Quay 4", "Content-Type: text/plain; charset=utf-8\r\n") + "\r\n" + prose(2, 4600)).encode()


def large(sender, to):
    """1 MB: plain text and base64, half and half, without archives and PDF."""
    rng = random.Random(3)
    parts = []
    for i in range(4):
        parts.append(f"Content-Type: text/plain; charset=utf-8\r\n\r\n{prose(10 + i, 120000)}")
        data = base64.encodebytes(b"\x89PNG\r\n\x1a\n" + rng.randbytes(95000)).decode().replace("\n", "\r\n")
        parts.append(f"Content-Type: image/png; name=scan{i}.png\r\nContent-Disposition: attachment; filename=scan{i}.png\r\n"
                     f"Content-Transfer-Encoding: base64\r\n\r\n{data}")
    body = "".join(f"--b1\r\n{p}\r\n" for p in parts) + "--b1--\r\n"
    return (head(sender, to, "Scans", "Content-Type: multipart/mixed; boundary=b1\r\n") + "\r\n" + body).encode()


def firm(folder, matters, phrases):
    """The example firm with many matters, and a rule that looks for many phrases in every message."""
    shutil.copytree(ROOT / "conf", folder, ignore=shutil.ignore_patterns("cases", "systemd"))
    head_line = (folder / "matters.csv").read_text().splitlines()[0]
    columns = head_line.split(",")
    clients = (folder / "clients.csv").read_text()
    width = len(clients.splitlines()[0].split(","))
    many = max(1, matters // 5)
    with open(folder / "clients.csv", "w") as out:
        out.write(clients)
        for i in range(many):
            out.write(f"c{i},Client {i},@c{i}.example,en,mail" + "," * (width - 5) + "\n")
    with open(folder / "matters.csv", "a") as out:
        for i in range(matters):
            row = {"matter": f"B-{i}", "client": f"c{i % many}", "title": f"Matter {i}", "level": "normal", "responsible": "grace@aldous.test",
                   "status": "open"}
            out.write(",".join(row.get(c, "") for c in columns) + "\n")
    rng = random.Random(4)
    letters = "abcdefghijklmnopqrstuvwxyz"
    with open(folder / "phrases.txt", "w") as out:
        for _ in range(phrases):
            words = [rng.choice(WORDS), "".join(rng.choices(letters, k=6)), rng.choice(WORDS)]
            out.write(" ".join(words[:rng.randint(2, 3)]) + "\n")
    if phrases:
        (folder / "rules.d" / "90-phrases.conf").write_text(
            'detectors: { bench: { phrases = "../phrases.txt"; }; };\n'
            'rules: ( { id = "bench"; do = "confirm"; on_unknown = "skip"; when: { detects: { kind = "bench"; }; }; } );\n')
    return folder / "lexgate.conf"


def summary(line):
    rounds = [(j / p, j / d) for p, d, j in zip(line["parse"], line["decode"], line["judge"])]
    median = {k: statistics.median(line[k]) for k in ("parse", "decode", "judge")}
    quartile = len(rounds) // 4
    to_parse, to_decode = sorted(r[0] for r in rounds), sorted(r[1] for r in rounds)
    return {"message": Path(line["file"]).stem, "bytes": line["bytes"], **{k + "_us": round(v, 2) for k, v in median.items()},
            "judge_mb_s": round(line["bytes"] / median["judge"], 1), "decode_mb_s": round(line["bytes"] / median["decode"], 1),
            "to_parse": round(statistics.median(to_parse), 2), "to_parse_at_best": round(to_parse[quartile], 2),
            "to_decode": round(statistics.median(to_decode), 2), "to_decode_at_best": round(to_decode[quartile], 2)}


def run(rounds=7, matters=1000000, phrases=10000):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        conf = firm(folder / "firm", matters, phrases)
        staff, client = "grace@aldous.test", "anna@harbour.test"
        mails = [("small-out", small(staff, client), "grace", staff, client), ("small-in", small(client, staff), "-", client, staff),
                 ("letter-out", letter(staff, client), "grace", staff, client), ("large-out", large(staff, client), "grace", staff, client)]
        argv = [BENCH / "judgecost", conf, str(rounds)]
        for name, data, login, sender, to in mails:
            (folder / f"{name}.eml").write_bytes(data)
            argv += [folder / f"{name}.eml", login, sender, to]
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return [summary(json.loads(line)) for line in done.stdout.splitlines()]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--matters", type=int, default=1000000)
    options.add_argument("--phrases", type=int, default=10000)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    lines = run(chosen.rounds, chosen.matters, chosen.phrases)
    if chosen.json:
        print(json.dumps(lines, indent=1))
        return
    for line in lines:
        print("{message:12} {bytes:8} B  GMime {parse_us:9.1f} µs, decoding {decode_us:9.1f}; judge {judge_us:9.1f} µs = {to_parse:6.2f} × parse, "
              "{to_decode:5.2f} × decode, {judge_mb_s:7.1f} MB/s".format(**line))


if __name__ == "__main__":
    main()
