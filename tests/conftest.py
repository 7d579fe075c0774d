"""Shared set-up: modules that the tests share can be imported by name."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import re
import sys
import threading
from collections import Counter
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings

import hecon

sys.path.insert(0, str(Path(__file__).parent))

# A loaded machine is no fault of the code: examples have no deadline. --hypothesis-profile chooses another profile;
# `strategies.examples` scales a test's own number of examples as the profile scales 100.
settings.register_profile("hecon", deadline=None, max_examples=50)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("hecon")


# What a process makes once for all files that import it: documents of the dossiers, trials, trees of syntax.
_MADE_ONCE = re.compile(
    r"^from (shipped|sources|teaching|trial_reports) import .*\b(document|found|large|nodes|parsed|written)\b",
    re.MULTILINE,
)


# Bootstrap replicates of an analysis that leaves their number open; and of scenarios that take long the samples, the
# rounds of the chains and the imputed sets.
_FEW = {
    "imputation.FEWEST_IN_ALL": 500,
    "sensitivity._SINGLE": 30,
    "sensitivity._DOUBLE": 30,
    "sensitivity._ROUNDS": 2,
    "sensitivity._FEWER": 10,
}


@pytest.fixture(scope="module")
def few_samples():
    """Let analyses of a trial and their scenarios take few samples, for tests of what they are and not how precise."""
    with pytest.MonkeyPatch.context() as patch:
        for name, number in _FEW.items():
            patch.setattr(f"hecon.trial.{name}", number)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep files that share what is slow to make with one worker, so that no other makes it again."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return _together(config.rootpath, super()._split_scope(nodeid))

    return Together(config, log)


@cache
def _together(root, file):
    """Return what the tests of a file are kept together by: what they share with other files, or the file alone."""
    path = root / file
    shared = path.suffix == ".py" and _MADE_ONCE.search(path.read_text(encoding="utf-8"))
    return shared[1] if shared else str(path)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Look for doctests in the package only: the tests have none, and a search through them all takes a second."""
    collectors = yield
    return [collector for collector in collectors if not isinstance(collector, DoctestModule)]


def pytest_collection_modifyitems(items):
    """Let random examples and slow tests not count as covered: tracing adds two thirds to their time.

    What random examples reach differs from run to run besides. A slow test counts where it is marked `counted`, because
    no quick test passes through the same code. The files with most slow tests come first, so that no worker is left
    alone with one of them at the end. The pages of the site are run with its examples.
    """
    slow = Counter()
    for item in items:
        if item.path.suffix == ".rst":
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.gallery)
        is_slow = item.get_closest_marker("slow") is not None
        is_random = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if is_random or (is_slow and item.get_closest_marker("counted") is None):
            item.add_marker(pytest.mark.no_cover)
        slow[item.path] += is_slow
        if os.name != "posix" and item.get_closest_marker("posix") is not None:
            item.add_marker(pytest.mark.skip(reason="pipes, links, permissions or signals of POSIX"))
    items.sort(key=lambda item: -slow[item.path])


def _tracer():
    """Return the function that traces for coverage, if there is one."""
    tracer = sys.gettrace()
    return tracer if type(tracer).__module__.startswith("coverage") else None


@contextmanager
def _untraced():
    """Stop tracing for coverage for a while."""
    tracer = _tracer()
    if tracer is not None:
        sys.settrace(None)
    try:
        yield
    finally:
        if tracer is not None:
            sys.settrace(tracer)


def _is_run_here(session):
    """Return whether the tests run in this process, and not in workers of it."""
    return session.config.getoption("dist", "no") == "no"


@pytest.hookimpl(wrapper=True)
def pytest_collection(session):
    """Trace the imports of the package alone, and let the garbage collector look seldom, and not at what is collected.

    Traced, a collection takes twice as long. What is collected lives as long as the tests do, and so does most of what
    they make, since they share it: looking through it again and again takes a tenth of their time.
    """
    gc.disable()
    if _tracer() is not None and _is_run_here(session):
        for module in pkgutil.walk_packages(hecon.__path__, "hecon."):
            if module.name != "hecon.__main__":  # runpy warns where it was imported before it is run
                importlib.import_module(module.name)
    try:
        with _untraced():
            return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes():
    """Trace no thread that reads what workers report."""
    threading.settrace(None)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session):
    """Trace nothing where the tests run in workers: no code of the package is passed through here."""
    with nullcontext() if _is_run_here(session) else _untraced():
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item):
    """Stop tracing where pytest-cov stops counting: in a worker of xdist a second tracer, unread, would go on."""
    with nullcontext() if item.get_closest_marker("no_cover") is None else _untraced():
        return (yield)
