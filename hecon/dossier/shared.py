"""How published differences of several interventions go together: an assumption on the comparator that they share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from hecon.dossier.comparison import CHOICE, Comparison
from hecon.files.faults import Fault, collect_error, near, shown, tables
from hecon.files.parts import Identifier, Number, Part, Reference, Sound, Text
from hecon.reported.records import Assumed
from hecon.reported.several import Published, SharedArm, assumed_arm, shared_arm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["SharedComparator", "arm_of", "shared_faults"]


class SharedComparator(Part):
    """The assumed correlation of the differences of comparisons with one comparator, any two of them.

    Attributes
    ----------
    comparisons : tuple of str, ids of two comparisons or more, of published statistics
    value : number, correlation in [0, 1)
    range : pair of numbers, over which it is varied
    basis : Text, why
    sources : tuple of Reference, of the basis
    """

    comparisons: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    value: Number
    range: tuple[Number, Number]
    basis: Text
    sources: tuple[Reference, ...] = ()

    def assumed(self) -> Assumed:
        """Return the assumption as `hecon.reported` takes it."""
        return Assumed(self.value, range=self.range, reason=self.basis.en)


def arm_of(
    specs: Sequence[Comparison], arguments: Sequence[Mapping[str, Any]], stated: SharedComparator | None
) -> SharedArm | None:
    """Return how the differences of comparisons with one comparator go together; None where that is not known.

    `arguments` are those of `hecon.reported.fit` for each. It is derived where all have the spread of their arms.
    """
    published = {
        spec.intervention: Published(cost=own.get("cost"), effect=own.get("effect"))
        for spec, own in zip(specs, arguments, strict=True)
    }
    if stated is None and not all(each.has_arms for each in published.values()):
        return None
    return shared_arm(published, None if stated is None else stated.assumed(), specs[0].comparator)


def shared_faults(tree: Mapping[str, Any], sound: Sound) -> Iterator[Fault]:
    """Yield assumptions on comparisons that are not on file, or do not share a comparator, or of what none can have."""
    compared = {str(item.get("id")): item for _, item in tables(tree, "comparison")}
    published = [each for item in compared.values() if item.get("statistic") and (each := sound.of(item, Comparison))]
    told: list[str] = []
    for position, item in tables(tree, "shared_comparator"):
        path = f"shared_comparator[{position}]"
        part = sound.of(item, SharedComparator)
        if part is None:
            continue  # a fault of the schema
        for place, name in enumerate(part.comparisons):
            here = f"{path}.comparisons[{place}]"
            if name not in compared:
                hint = near(name, compared, listed="on file are")
                yield here, f"must be the id of a comparison, got {shown(name)}{hint}"
            elif name in told:
                yield here, f"must be in one [[shared_comparator]], once, got {shown(name)} again: remove it"
            elif not compared[name].get("statistic"):
                yield here, f"must have statistics, got {shown(name)} without: draws and patient data are joint already"
            told.append(name)
        yield from _choice_faults(part, published, f"{path}.comparisons")
        faults = list(collect_error(f"{path}.range", part.assumed))
        yield from faults or collect_error(f"{path}.value", partial(assumed_arm, part.assumed()))


def _choice_faults(part: SharedComparator, published: Sequence[Comparison], path: str) -> Iterator[Fault]:
    """Yield comparisons of several choices, and one of the same choice without which the assumption is not used."""
    named = [each for each in published if each.id in part.comparisons]
    apart = [key for key in CHOICE if len({getattr(each, key) for each in named}) > 1]
    if apart:
        rule = "must name comparisons of one trial, perspective, comparator, horizon, currency and unit"
        yield path, f"{rule}, got others in {', '.join(apart)}: the arm is not the same"
    if apart or len(named) < len(part.comparisons):
        return  # what is faulty is told elsewhere
    weighed: dict[str, str] = {}
    for each in published:
        outcomes = {getattr(statistic, "outcome", None) for statistic in each.statistic}
        if each.choice == named[0].choice and {"cost", "effect"} <= outcomes:
            weighed.setdefault(each.intervention, each.id)
    for each in named:
        first = weighed.get(each.intervention, each.id)
        if first != each.id:
            rule = f"must name of {shown(each.intervention)} its first comparison, {shown(first)}, which is weighed"
            yield path, f"{rule}, got {shown(each.id)}: put {shown(first)} in its place"
    left = [own for name, own in weighed.items() if name not in {each.intervention for each in named}]
    if left:
        rule = "must name every comparison that is weighed with these"
        yield path, f"{rule}, got none of {', '.join(map(shown, left))}: add what is missing"
