#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What encrypting to OpenPGP keys costs beside librnp with loaded keys, and beside one gpg for each message.

CPU of a 5 kB message for one recipient at most 3 × librnp's own. A budget is missed when the whole middle of the spread is beyond it.
    tests/bench/openpgpcost.py [--rounds 7] [--json]
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(os.environ.get("LEXGATE_BENCH", Path(__file__).resolve().parents[2] / "_build" / "build" / "tests" / "bench"))
KEYS = {"rsa": ("rsa2048", "rsa2048"), "x25519": ("ed25519", "cv25519"), "rsa3": ("rsa3072", "rsa3072"), "p256": ("nistp256", "nistp256"),
        "rsa4": ("rsa4096", "rsa4096")}
CASES = [("5 kB, RSA-2048", 5000, ["rsa"]), ("5 kB, X25519", 5000, ["x25519"]), ("1 MB, RSA-2048", 1000000, ["rsa"]),
         ("1 MB, X25519", 1000000, ["x25519"]), ("1 MB, five", 1000000, list(KEYS))]
MOST, MOST_OF = 3.0, "5 kB"


def make_keys(home, certs):
    env = os.environ | {"GNUPGHOME": str(home), "LC_ALL": "C"}
    home.mkdir(mode=0o700)
    certs.mkdir()
    for name, (primary, part) in KEYS.items():
        gpg = ["gpg", "--batch", "--quiet", "--passphrase", ""]
        subprocess.run([*gpg, "--quick-gen-key", f"{name} <{name}@x.test>", primary, "sign", "never"], env=env, check=True, capture_output=True)
        lines = subprocess.run([*gpg, "--with-colons", "--list-keys", f"{name}@x.test"], env=env, check=True, capture_output=True, text=True).stdout
        mark = next(line.split(":")[9] for line in lines.splitlines() if line.startswith("fpr"))
        subprocess.run([*gpg, "--quick-add-key", mark, part, "encr", "never"], env=env, check=True, capture_output=True)
        (certs / f"{name}.gpg").write_bytes(subprocess.run([*gpg, "--export", mark], env=env, check=True, capture_output=True).stdout)
    return env


def gpg_us(env, size, names, times=5):
    """One process a message, as a filter would start it."""
    argv = ["gpg", "--batch", "--quiet", "--trust-model", "always", "--no-autostart", "--armor", "--compress-algo", "none", "--cipher-algo", "AES256", "--encrypt"]
    used = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*argv, *(w for n in names for w in ("-r", f"{n}@x.test"))], input=b"a" * size, env=env, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e6)
    return statistics.median(used)


def measure(folder, env, case, rounds):
    name, size, names = case
    done = subprocess.run([BENCH / "openpgpcost", folder, str(rounds), str(size), *(f"{n}@x.test" for n in names)], check=True, capture_output=True, text=True)
    got = json.loads(done.stdout)
    ratios = sorted(made / bare for bare, made, _ in got["rounds"])
    quarter = len(ratios) // 4
    bare, made, proof = (statistics.median(column) for column in zip(*got["rounds"]))
    return {"case": name, "librnp_us": bare, "encrypt_us": made, "proof_us": proof, "first_us": got["first"], "gpg_us": gpg_us(env, size, names),
            "ratio": statistics.median(ratios), "middle": [ratios[quarter], ratios[-1 - quarter]]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = make_keys(Path(folder) / "gnupg", Path(folder) / "certs")
        results = [measure(Path(folder) / "certs", env, case, options.rounds) for case in CASES]
        subprocess.run(["gpgconf", "--kill", "all"], env=env, capture_output=True)
    if options.json:
        print(json.dumps(results))
    for r in [] if options.json else results:
        print(f"{r['case']:16} librnp {r['librnp_us']:6.0f} µs, encrypt_openpgp {r['encrypt_us']:6.0f} µs = {r['ratio']:.2f} ×, the first of a key "
              f"{r['first_us']:6.0f} µs, proof {r['proof_us']:5.0f} µs, gpg {r['gpg_us']:6.0f} µs")
    return 1 if any(r["middle"][0] > MOST for r in results if r["case"].startswith(MOST_OF)) else 0


if __name__ == "__main__":
    sys.exit(main())
