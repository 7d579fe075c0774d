"""Signals that stop the process: one line and an exit code for a command, none in the middle of writing files."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["Interruption", "guarded", "held"]

# Ctrl-C first: it is put back last.
_STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
# As shells count: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
_SHELL = 128


class Interruption(KeyboardInterrupt):
    """A signal asks the process to stop: libraries treat it as Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Stop:
    """A handler that raises, and remembers which signals came."""

    def __init__(self) -> None:
        self.arrived: list[int] = []

    def __call__(self, number: int, _: FrameType | None) -> None:
        self.arrived.append(number)
        raise Interruption(number)


def guarded(work: Callable[[], int], end: Callable[[], None] = lambda: None) -> int:
    """Return the exit code of `work`, or that of a signal that stopped it: said in one line after `end` was called."""
    stop = _Stop()
    code = 0
    try:
        with _handled(stop, replaceable=_is_default):
            code = work()
    except KeyboardInterrupt as error:
        stop.arrived.append(getattr(error, "number", signal.SIGINT))
    except BaseException:
        # A library may have made another exception of it.
        if not stop.arrived:
            raise
    # Or it may have swallowed it.
    if not stop.arrived:
        return code
    with held(again=False):
        end()
        if sys.stderr is not None:
            sys.stderr.write(f"hecon: stopped by {signal.Signals(stop.arrived[0]).name}\n")
    return _SHELL + stop.arrived[0]


def _is_default(handler: object) -> bool:
    """Tell whether a handler is Python's own or that of a caller of `guarded`."""
    return handler in {signal.default_int_handler, signal.SIG_DFL} or isinstance(handler, _Stop)


@contextmanager
def held(*, again: bool = True) -> Iterator[None]:
    """Put signals off until the block ends, then send them `again`; in other threads than the main one none arrive."""
    arrived: list[int] = []
    try:
        with _handled(lambda number, _: arrived.append(number)):
            yield
    finally:
        if again:
            for number in dict.fromkeys(arrived):
                signal.raise_signal(number)


@contextmanager
def _handled(
    handler: Callable[[int, FrameType | None], None], replaceable: Callable[[object], bool] = lambda _: True
) -> Iterator[None]:
    """Handle the signals inside the block, but those that are ignored or not replaceable."""
    former = {}
    try:
        for each in _STOPPING:
            now = signal.getsignal(each)
            if now is None or now == signal.SIG_IGN or not replaceable(now):
                continue
            # Noted first: an exception may come with the next line.
            former[each] = now
            try:
                signal.signal(each, handler)
            except ValueError:
                # Not the main thread, on which alone signals are handled.
                del former[each]
                break
        yield
    finally:
        for each, now in reversed(former.items()):
            signal.signal(each, now)
