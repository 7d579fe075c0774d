"""Check the weights of a contrast: a weighted sum of an analysis's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _aligned, _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["weights_of"]

_REMEDY = "take it from contrast(strategy, cost=1.0) of a perspective's analysis"


def weights_of(contrast: Any, parameters: int) -> NDArray[np.float64]:  # noqa: ANN401
    """Return a contrast if it is one finite weight per parameter, without names; the name of a strategy is none."""
    if not _aligned.is_default(_aligned.labels_of(contrast, -1)):
        msg = "contrast has names and the parameters have none: pool labelled estimates, or pass .to_numpy()"
        raise InputError(msg)
    _checks.unmasked("contrast", contrast)
    try:
        weights = _checks.numeric(contrast)
    except (TypeError, ValueError):
        given = repr(contrast) if isinstance(contrast, str) else f"a {type(contrast).__name__}"
        msg = f"contrast must be one weight per parameter, got {given}: {_REMEDY}"
        raise InputError(msg) from None
    if weights.shape != (parameters,) or not np.isfinite(weights).all():
        msg = (
            f"contrast must be one finite weight for each of {parameters} parameters, got shape {weights.shape}: "
            f"{_REMEDY}"
        )
        raise InputError(msg)
    return weights
