"""How closely, and how late, a measured motion follows the wanted one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of

_LONGEST_LAG_S = 0.4
_LAG_STEP_S = 0.005


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Errors of a measured path against the wanted one, shifted by the lag that suits it best.

    Attributes:
        lag_s: how much later the arm is where it should be.
        error_p50_m, error_p99_m: distances.
        turn_p50_rad, turn_p99_rad: angles.
        speed_m_s: of the wanted motion, on average.
    """

    lag_s: float
    error_p50_m: float
    error_p99_m: float
    turn_p50_rad: float
    turn_p99_rad: float
    speed_m_s: float

    @classmethod
    def of(
        cls, times_s: FloatArray, measured: FloatArray, wanted: Callable[[float], FloatArray]
    ) -> Tracking:
        """From poses `(N, 7)` measured at `times_s` `(N,)`, and the wanted pose at any time."""
        grid_s = np.arange(times_s[0] - _LONGEST_LAG_S, times_s[-1] + _LAG_STEP_S, _LAG_STEP_S)
        path = np.array([wanted(t_s) for t_s in grid_s])

        def errors_m(lag_s: float) -> FloatArray:
            shifted = np.stack(
                [np.interp(times_s - lag_s, grid_s, path[:, axis]) for axis in range(3)], axis=1
            )
            return np.asarray(np.linalg.norm(position_of(measured) - shifted, axis=1))

        lags_s = np.arange(0.0, _LONGEST_LAG_S, _LAG_STEP_S)
        lag_s = float(min(lags_s, key=lambda lag_s: float(np.mean(errors_m(lag_s) ** 2))))
        nearest = np.clip(np.searchsorted(grid_s, times_s - lag_s), 0, len(grid_s) - 1)
        turns_rad = (rotation_of(path[nearest]).inv() * rotation_of(measured)).magnitude()
        error_p50_m, error_p99_m = np.quantile(errors_m(lag_s), [0.5, 0.99])
        turn_p50_rad, turn_p99_rad = np.quantile(turns_rad, [0.5, 0.99])
        way_m = np.linalg.norm(np.diff(position_of(path), axis=0), axis=1).sum()
        return cls(
            lag_s=lag_s,
            error_p50_m=float(error_p50_m),
            error_p99_m=float(error_p99_m),
            turn_p50_rad=float(turn_p50_rad),
            turn_p99_rad=float(turn_p99_rad),
            speed_m_s=float(way_m / (grid_s[-1] - grid_s[0])),
        )
