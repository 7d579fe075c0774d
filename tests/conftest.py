"""Shared set-up: modules that the tests share can be imported by name."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# A loaded machine is no fault of the code: examples have no deadline. --hypothesis-profile chooses another profile;
# `strategies.examples` scales a test's own number of examples as the profile scales 100.
settings.register_profile("hecon", deadline=None, max_examples=50)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("hecon")


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


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item):
    """Stop tracing where pytest-cov stops counting: in a worker of xdist a second tracer, unread, would go on."""
    tracer = sys.gettrace()
    if item.get_closest_marker("no_cover") is None or not type(tracer).__module__.startswith("coverage"):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def pytest_collection_finish():
    """Let the garbage collector pass over what was collected, which lives as long as the tests do."""
    gc.collect()
    gc.freeze()
