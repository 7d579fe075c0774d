"""The errors and warnings that hecon raises.

A message states the name of the input, the rule, the value that broke it and the remedy. Every class derives from the
builtin that a caller would expect. Control characters in messages are escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import _controls

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ContradictionError",
    "DossierError",
    "DrawsError",
    "HeconError",
    "InputError",
    "PlanError",
    "StatisticalWarning",
    "TrialError",
    "UnderdeterminedError",
    "ValueSetError",
]


class HeconError(Exception):
    """Base of every error that hecon raises on purpose."""

    def __str__(self) -> str:
        return _controls.escape_message(super().__str__())


class InputError(HeconError, ValueError):
    """A value given by the caller breaks a rule.

    Attributes
    ----------
    in_file : str
        The message for a value that stands in a file, where its remedy is another than in a call; else empty.
    """

    in_file: str = ""


class UnderdeterminedError(InputError):
    """What was reported does not determine a parameter that is needed.

    Parameters
    ----------
    message : str
        What is missing, and which statistics or assumptions would supply it.
    parameters : tuple of str
        The names of the parameters that are not determined.
    """

    def __init__(self, message: str, parameters: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.parameters = parameters


class ContradictionError(InputError):
    """Reported statistics cannot all be true within their printed rounding."""


class _FaultsError(HeconError):
    """All faults of a file or its content: name, a line of text per fault, and its line in the file."""

    _kind = "file"
    _counted = ""

    def __init__(self, name: str, faults: Sequence[str], lines: Sequence[int | None] = ()) -> None:
        self.name = name
        self.faults = tuple(map(_controls.one_line, faults))
        self.lines = tuple(lines) or (None,) * len(self.faults)
        count = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}{self._counted}"
        super().__init__("\n  ".join([f"{self._kind} {name} has {count}:", *self.located]))

    @property
    def located(self) -> list[str]:
        """The faults, each after its line number where known."""
        pairs = zip(self.lines, self.faults, strict=True)
        return [fault if line is None else f"line {line}: {fault}" for line, fault in pairs]


class DossierError(_FaultsError, ValueError):
    """A dossier breaks its rules; the message lists all faults.

    Parameters
    ----------
    name : str
        The dossier's name or path.
    faults : sequence of str
        One line of text per fault, each beginning with its path in the file.
    lines : sequence of int or None, optional
        The line of each fault in the file.
    """

    _kind = "dossier"


class DrawsError(_FaultsError, InputError):
    """A file of a model's draws breaks its rules; the message lists all faults.

    Parameters
    ----------
    name : str
        The file's path.
    faults : sequence of str
        One line of text per fault, with column and rows, counted from 1 below the header.
    lines : sequence of int or None, optional
        Not used: rows are in the text.
    """

    _kind = "draws"
    _counted = " (rows are counted below the header)"


class ValueSetError(_FaultsError, InputError):
    """A file of an EQ-5D value set breaks its rules; the message lists all faults.

    Parameters
    ----------
    name : str
        The file's path.
    faults : sequence of str
        One line of text per fault.
    lines : sequence of int or None, optional
        The line of each fault in the file.
    """

    _kind = "value set"


class PlanError(_FaultsError, InputError):
    """A plan of a budget impact analysis breaks its rules; the message lists all faults.

    Parameters
    ----------
    name : str
        The plan's name.
    faults : sequence of str
        One line of text per fault, each beginning with its path.
    lines : sequence of int or None, optional
        The line of each fault in the file.
    broken : tuple, optional
        The same faults, each with its path as keys and places, its rule, the value and a hint.
    """

    _kind = "plan"

    def __init__(
        self,
        name: str,
        faults: Sequence[str],
        lines: Sequence[int | None] = (),
        *,
        broken: tuple[Any, ...] = (),
    ) -> None:
        self.broken = broken
        super().__init__(name, faults, lines)


class TrialError(_FaultsError, InputError):
    """The design of a trial or its table of patient data breaks its rules; the message lists all faults.

    Parameters
    ----------
    name : str
        The trial's name, or the path of its design.
    faults : sequence of str
        One line of text per cause: of a design its path in the file, of a table the column and the numbers of the rows;
        where many places or columns break one rule alike their number and the first.
        None holds a value or an identifier of a patient.
    lines : sequence of int or None, optional
        The line of each fault in the file.
    rows : bool, default False
        Whether faults name rows of a table; the message then says how rows are counted.
    """

    _kind = "trial"

    def __init__(
        self, name: str, faults: Sequence[str], lines: Sequence[int | None] = (), *, rows: bool = False
    ) -> None:
        self._counted = " (rows are counted below the header)" if rows else ""
        super().__init__(name, faults, lines)


class StatisticalWarning(UserWarning):
    """A result whose statistical basis is doubtful."""

    def __str__(self) -> str:
        return _controls.escape(super().__str__())
