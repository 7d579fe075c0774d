"""Results of value of information with their labels, capped at the value of perfect information."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import draws as _draws
from hecon.decision import _labels
from hecon.decision.information import policies

if TYPE_CHECKING:
    import xarray as xr

    from hecon.decision.information.smoothing import Floats

# A value beyond EVPI by a smaller share is rounding.
_ROUNDING = 1e-9


def labelled(draws: xr.Dataset, known: xr.Dataset, found: Floats, kind: tuple[str, str, str]) -> xr.Dataset:
    """Return results, shape (row, cell, field, wtp in order), in the caller's order of `wtp`, capped at EVPI.

    `known` are the decision curves of the draws; `kind` is the dim of the rows, the name of the value, and its words.
    """
    dim, name, words = kind
    place = np.unique(known["wtp"].to_numpy(), return_inverse=True)[1].ravel()
    further = _labels.further_dims(draws)
    shape = (len(policies.FIELDS), *(draws.sizes[each] for each in further), len(found), -1)
    value, se, edf, outside = np.moveaxis(found.take(place, axis=-1), (2, 0), (0, 2)).reshape(shape)
    bound = known["evpi"].to_numpy()
    most = bound[..., np.newaxis, :]
    over, money = (*further, dim, "wtp"), {"units": _draws.units(draws)[0]}
    return _labels.dataset(
        draws,
        {
            name: (over, np.minimum(value, most), money | {"long_name": words}),
            "se": (over, se, money | {"long_name": "standard error"}),
            "edf": (over, edf, {"units": "1", "long_name": "effective degrees of freedom"}),
            "out_of_fold": (over, outside, money | {"long_name": "gain of deciding by the regression, out of fold"}),
            "capped": (
                over,
                value > most * (1 + _ROUNDING),
                {"long_name": "reduced to the value of perfect information"},
            ),
            "evpi": ((*further, "wtp"), bound, money | {"long_name": "value of perfect information"}),
        },
        {"wtp": known["wtp"].variable},
    )
