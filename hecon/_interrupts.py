"""Signals that stop the process: a line and an exit code for a command; deferred while files are written."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


# Ctrl-C first, as it is restored last.
_STOPPING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
# As shells count: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
_SHELL = 128


class Interruption(KeyboardInterrupt):
    """A signal to stop, which libraries treat as Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Stop:
    """A handler that records the signal and raises."""

    def __init__(self) -> None:
        self.arrived: list[int] = []

    def __call__(self, number: int, _: FrameType | None) -> None:
        self.arrived.append(number)
        raise Interruption(number)


def guarded(work: Callable[[], int], end: Callable[[], None] = lambda: None) -> int:
    """Return the exit code of `work`, or of the signal that stopped it, with a line on stderr after `end`."""
    stop = _Stop()
    code = 0
    try:
        with _handled(stop, replaceable=_is_default):
            code = work()
    except KeyboardInterrupt as error:
        stop.arrived.append(getattr(error, "number", signal.SIGINT))
    except BaseException:
        # A library may have converted the exception,
        if not stop.arrived:
            raise
    # or swallowed it.
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
    """Defer signals until the block ends, then send them `again`; signals arrive in the main thread only."""
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
    """Handle the signals inside the block, except those ignored or not replaceable."""
    former = {}
    try:
        for number in _STOPPING:
            now = signal.getsignal(number)
            if now is None or now == signal.SIG_IGN or not replaceable(now):
                continue
            # Recorded first: the next line may raise.
            former[number] = now
            try:
                signal.signal(number, handler)
            except ValueError:
                # Signals are handled in the main thread only.
                del former[number]
                break
        yield
    finally:
        for number, now in reversed(former.items()):
            signal.signal(number, now)
