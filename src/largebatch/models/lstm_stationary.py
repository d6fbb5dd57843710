"""An LSTM layer at batch size 1, with its steps in the kernels of `kernels.lstm_recurrence`."""

from functools import cached_property

from torch import Tensor

from largebatch.kernels.lstm_recurrence import (
    WIDEST,
    Meeting,
    arrange_,
    arranged_like,
    run_backward,
    run_forward,
)
from largebatch.models.buffers import lane_buffer
from largebatch.models.lstm_layer import LstmLayer


class StationaryLstmLayer(LstmLayer):
    """Like its base, the kernels' plain twin, and with the same buffers.

    Only `slopes` has one more step in memory.
    """

    @staticmethod
    def suits(batch: int, width: int) -> bool:
        """Can it compute such a layer?"""
        return batch == 1 and width <= WIDEST

    @cached_property
    def slopes(self) -> Tensor:
        return self._padded_slopes[:, :-1]

    @cached_property
    def _padded_slopes(self) -> Tensor:
        """`slopes` and zeros for the step after the last: (lanes, time + 1, 1, 4 hidden)."""
        _, time, batch, gates = self.gates.shape
        return lane_buffer(self.recurrent, time + 1, batch, gates)

    @cached_property
    def _meeting(self) -> Meeting:
        return Meeting(self.recurrent)

    @cached_property
    def _arranged(self) -> Tensor:
        return arranged_like(self.recurrent)

    def _step_forward(self) -> None:
        arrange_(self._arranged, self.recurrent)
        made = self.gates, self.cell, self.tanh_cell, self.hidden
        run_forward(self.z, self._arranged, *made, self._meeting)

    def _step_backward(self) -> None:
        made = self.gates, self.cell, self.tanh_cell
        cell_delta = self._cell_delta.zero_()
        run_backward(
            self.delta, self.recurrent, *made, self._padded_slopes, cell_delta, self._meeting
        )
