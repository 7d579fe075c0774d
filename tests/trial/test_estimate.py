"""Student's t distribution against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from hecon.trial import estimates


@pytest.mark.parametrize("df", [1.0, 2.5, 30.0, 1e6, 1e15, np.inf])
@pytest.mark.parametrize("value", [-40.0, -1.5, 0.0, 0.3, 8.0])
def test_it_is_that_of_scipy(value, df):
    probability = stats.t.cdf(value, df)

    assert estimates.t_cdf(value, df) == pytest.approx(probability, rel=1e-13)
    assert estimates.t_density(value, df) == pytest.approx(stats.t.pdf(value, df), rel=1e-8, abs=1e-300)
    if 1e-300 < probability < 1:
        assert estimates.t_quantile(probability, df) == pytest.approx(
            stats.t.ppf(probability, df), rel=1e-12, abs=1e-12
        )
