# SPDX-License-Identifier: Apache-2.0
"""The command line of every program, and its manual page, as somebody meets them who has read neither."""
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
import servers

PROGRAMS = ["bin/lexgate", "sbin/lexgate-milter", "sbin/lexgate-escalated"]
DAEMONS = PROGRAMS[1:]
MANUALS = sorted(path for top in ("conf", "milter", "tools") for path in (servers.ROOT / top).rglob("*.[1-8]"))


def call(program, *argv):
    return subprocess.run([servers.STAGE / program, *argv], capture_output=True, text=True, timeout=servers.HANGS, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_and_version_go_to_standard_output(program):
    name = program.split("/")[1]
    for option in ("--help", "-h"):
        done = call(program, option)
        assert done.returncode == 0 and name in done.stdout and not done.stderr
        assert "/lexgate/lexgate.conf" in done.stdout, "the help says which configuration is read"
    assert re.fullmatch(rf"{name} \d+\.\d+\.\d+\n", call(program, "--version").stdout)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("words", [["--frobnicate"], ["frobnicate"], ["-c"]])
def test_wrong_usage_is_one_line_and_status_2(program, words):
    done = call(program, *words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and not done.stdout
    assert done.stderr.startswith(program.split("/")[1] + ": ")


@pytest.mark.parametrize("program", DAEMONS)
def test_a_daemon_checks_the_default_configuration_when_none_is_named(program):
    done = call(program, "-t")
    assert "/etc/lexgate/lexgate.conf" in done.stdout + done.stderr


@pytest.mark.parametrize("argv", [["bin/lexgate", "-c", "/nowhere.conf", "check"], ["sbin/lexgate-milter", "-c", "/nowhere.conf", "-t"],
                                  ["sbin/lexgate-escalated", "-c", "/nowhere.conf", "-t"]])
def test_a_missing_configuration_is_named_once(argv):
    done = call(*argv)
    assert done.returncode in (1, 2) and done.stderr.splitlines()[0].count("/nowhere.conf") == 1 and "-c FILE" in done.stderr


def test_who_reads_no_more_hears_no_complaint(tmp_path):
    """`lexgate … | head -1`; a full disk is one."""
    reader, writer = os.pipe()
    os.close(reader)
    argv = [servers.STAGE / "bin/lexgate", "--help"]
    gone = subprocess.run(argv, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (gone.returncode, gone.stderr) == (0, "")
    with open(tmp_path / "full", "w") as full:  # no byte may be written; Python ignores SIGXFSZ, and so does its child
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True, restore_signals=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert (done.returncode, done.stderr) == (2, "lexgate: cannot write to standard output\n")


def test_every_command_has_help():
    overview = call("bin/lexgate", "--help").stdout
    commands = re.findall(r"^  ([a-z][a-z -]*?)  +[A-Z]", overview, re.M)
    assert len(commands) > 20
    for command in commands:
        done = call("bin/lexgate", *command.split(), "--help")
        assert done.returncode == 0 and done.stdout.startswith(f"usage: lexgate {command}"), command


def test_a_firm_without_certificates_lists_none(tmp_path):
    (tmp_path / "lexgate.conf").write_text('firm: { name = "A"; domains = ["a.test"]; };\nregistry: { certificates = "certs"; };\n')
    done = call("bin/lexgate", "-c", tmp_path / "lexgate.conf", "cert", "list", "--json")
    assert done.returncode == 0 and done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.name)
def test_a_manual_page_is_without_fault_and_installed(manual):
    done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", manual], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert (servers.STAGE / "share" / "man" / f"man{manual.suffix[1:]}" / manual.name).exists()


def test_every_program_has_a_manual_page():
    assert {path.stem for path in MANUALS} >= {program.split("/")[1] for program in PROGRAMS}


@pytest.mark.parametrize("name", ["lexgate-milter", "lexgate-escalated"])
def test_the_installed_unit_starts_the_installed_daemon(name):
    unit = servers.STAGE / "lib" / "systemd" / "system" / f"{name}.service"
    command = re.search(r"^ExecStart=(\S+) -f -c (\S+)$", unit.read_text(), re.M)
    assert Path(command[1]).samefile(servers.STAGE / "sbin" / name) and command[2].endswith("/etc/lexgate/lexgate.conf")
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        assert name not in done.stdout + done.stderr, done.stderr
