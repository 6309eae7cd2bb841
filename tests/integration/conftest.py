# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "demo"))
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import cputime  # noqa: E402
import firms  # noqa: E402
import servers  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="also the long runs")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: only with --full")
    config.addinivalue_line("markers", "real: not with sanitizers, under which neither memory nor calls are limited")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--full"):
        for item in items:
            if "long" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="a long run: check --full"))
    if cputime.sanitized():
        for item in items:
            if "real" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="a build with sanitizers"))


@pytest.fixture(scope="session")
def full(request):
    return request.config.getoption("--full")


@pytest.fixture(scope="session")
def corpus():
    folder = Path(os.environ.get("LEXGATE_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"the corpus of messages is not at {folder}")
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ("INDEX.md", "README.md", "SOURCE.md"))


@pytest.fixture(scope="module")
def office():
    """A firm that runs for a module's tests, with service levels of hours."""
    with servers.Office(firms.aldous(), "aldous.test", firms.ALDOUS_LOGINS) as it:
        yield it.start()


@pytest.fixture
def own_office():
    """Makes firms of its own for one test: own_office(conf, …) → a started Office."""
    made = []

    def make(conf=None, start=True, domain="aldous.test", logins=firms.ALDOUS_LOGINS, **kw):
        office = servers.Office(conf or firms.aldous(), domain, logins, **kw)
        made.append(office)
        return office.start() if start else office
    make.made = made
    with contextlib.ExitStack() as stack:  # each is removed, whatever the one before says
        yield make
        for office in made:
            stack.callback(office.remove)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the last words of the daemons it ran."""
    report = (yield).get_result()
    if report.failed:
        for office in [item.funcargs.get("office"), *getattr(item.funcargs.get("own_office"), "made", [])]:
            if office:
                report.sections.append(("gateway", office.gateway.text()[-3000:]))
                report.sections.append(("escalated", office.escalated.text()[-3000:]))


@pytest.fixture
def gateway(own_office):
    """An office without Postfix: the tests speak milter themselves."""
    def make(conf=None, escalated=False, **kw):
        office = own_office(conf, start=False)
        office.redis.start()
        office.sink.start()
        office.gateway.start(office.gateway.serves, **kw)
        if escalated:
            office.start_escalated()
        return office
    return make
