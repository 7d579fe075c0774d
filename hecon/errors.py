"""The errors and warnings that hecon raises.

A message states the name of the input, the rule, the value that broke it and the remedy. Every class also
derives from the builtin that a caller would expect, so ``except ValueError`` keeps working. A name may hold
anything: control characters in a message are escaped, so that a terminal shows them and does not obey.
"""

from __future__ import annotations

from hecon import _controls

__all__ = [
    "ContradictionError",
    "DossierError",
    "HeconError",
    "InputError",
    "PlanError",
    "StatisticalWarning",
    "TrialError",
    "UnderdeterminedError",
]


class HeconError(Exception):
    """Base of every error that hecon raises on purpose."""

    def __str__(self) -> str:
        return _controls.escape_message(super().__str__())


class InputError(HeconError, ValueError):
    """A value given by the caller breaks a rule."""


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


class DossierError(HeconError, ValueError):
    """A dossier breaks its rules; all faults are told at once.

    Parameters
    ----------
    name : str
        The dossier's name or path.
    faults : sequence of str
        One line per fault, each beginning with its path in the file.
    """

    def __init__(self, name: str, faults: list[str] | tuple[str, ...]) -> None:
        self.name = name
        self.faults = tuple(map(_controls.one_line, faults))
        count = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"
        super().__init__("\n  ".join([f"dossier {name} has {count}:", *self.faults]))


class PlanError(InputError):
    """A plan of a budget impact analysis breaks its rules; all faults are told at once.

    Parameters
    ----------
    name : str
        The plan's name.
    faults : sequence of str
        One line per fault, each beginning with its path.
    """

    def __init__(self, name: str, faults: list[str] | tuple[str, ...]) -> None:
        self.name = name
        self.faults = tuple(map(_controls.one_line, faults))
        count = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"
        super().__init__("\n  ".join([f"plan {name} has {count}:", *self.faults]))


class TrialError(InputError):
    """The design of a trial, or its table of patient data, breaks its rules; all faults are told at once.

    Parameters
    ----------
    name : str
        The trial's name, or the path of its design.
    faults : sequence of str
        One line per fault: of a design its path in the file, of a table the column and the numbers of the rows.
        No line holds a value or an identifier of a patient.
    rows : bool, default False
        Whether lines tell rows of a table: then it is said once how these are counted.
    """

    def __init__(self, name: str, faults: list[str] | tuple[str, ...], *, rows: bool = False) -> None:
        self.name = name
        self.faults = tuple(map(_controls.one_line, faults))
        count = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"
        counted = " (rows are counted below the header)" if rows else ""
        super().__init__("\n  ".join([f"trial {name} has {count}{counted}:", *self.faults]))


class StatisticalWarning(UserWarning):
    """A result stands on doubtful statistical ground."""

    def __str__(self) -> str:
        return _controls.escape(super().__str__())
