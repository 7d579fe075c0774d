"""Types of arrays: floats, codes of rows and groups, flags, and whole numbers."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
