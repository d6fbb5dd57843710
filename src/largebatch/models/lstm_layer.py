"""One LSTM layer of several lanes, with forward and backward through time written out.

Zaremba, Sutskever & Vinyals (2014), eq. 5, with the two bias vectors of their code:

    g, i, f, o = tanh, sigmoid, sigmoid, sigmoid of (x W + b) + (h R + b'),   in this order
    c <- f c + i g,     h <- o tanh(c)

Only what depends on the previous step is done step by step (six operations forward, five backward);
everything else is one operation over all steps.
"""

from functools import cached_property

import torch
from torch import Tensor

from largebatch.models.activations import sigmoid_backward, tanh_backward
from largebatch.models.buffers import lane_buffer, product_buffer
from largebatch.models.parameters import Parameters, Views


class LstmLayer:
    """The slots `name`.* unrolled over `time` steps of one batch size, with their memory.

    ``x`` (lanes, time, batch, fan_in) is read. ``hidden`` and ``cell`` (lanes, time + 1, batch,
    hidden) start with the state before the first step, which the caller sets. ``delta`` (lanes,
    time, batch, hidden) is the gradient of hidden[:, 1:], read by `backward`.
    """

    def __init__(self, parameters: Parameters | Views, name: str, time: int, batch: int):
        weight, gradient = parameters.weight, parameters.gradient
        self.input = weight[f"{name}.input"].flatten(2)  # (lanes, fan_in, 4 hidden)
        self.recurrent = weight[f"{name}.recurrent"].flatten(2)
        kinds = "input_bias", "recurrent_bias"
        self.biases = [weight[f"{name}.{kind}"].flatten(1) for kind in kinds]
        self.input_gradient = gradient[f"{name}.input"].flatten(2)
        self.recurrent_gradient = gradient[f"{name}.recurrent"].flatten(2)
        self.bias_gradients = [gradient[f"{name}.{kind}"].flatten(1) for kind in kinds]
        fan_in, gates = self.input.shape[1:]
        self.width = gates // 4
        self.x = lane_buffer(self.recurrent, time, batch, fan_in)
        self.z = product_buffer(self.recurrent, time, batch, gates)  # x W + biases
        self.z_step = product_buffer(self.recurrent, batch, gates)  # z + h R, of one step
        self.gates = lane_buffer(self.recurrent, time, batch, gates)  # the values of g, i, f, o
        self.cell = lane_buffer(self.recurrent, time + 1, batch, self.width)
        self.tanh_cell = lane_buffer(self.recurrent, time, batch, self.width)
        self.hidden = lane_buffer(self.recurrent, time + 1, batch, self.width)

    @cached_property
    def delta(self) -> Tensor:
        return product_buffer(self.recurrent, *self.tanh_cell.shape[1:])

    @cached_property
    def slopes(self) -> Tensor:
        """The gradient of z, (lanes, time, batch, 4 hidden)."""
        return lane_buffer(self.recurrent, *self.gates.shape[1:])

    @cached_property
    def cell_slopes(self) -> Tensor:
        """d hidden / d cell within a step, (lanes, time, batch, hidden)."""
        return lane_buffer(self.recurrent, *self.tanh_cell.shape[1:])

    def forward(self) -> None:
        bias = torch.add(*self.biases).unsqueeze(1)  # (lanes, 1, 4 hidden)
        torch.baddbmm(bias, self.x.flatten(1, 2), self.input, out=self.z.flatten(1, 2))
        self._step_forward()

    def _step_forward(self) -> None:
        """From ``z`` compute the gates, the cell and the hidden state of each step."""
        z = self.z_step
        z_g, z_ifo = z[:, :, : self.width], z[:, :, self.width :]
        for z_input, g, ifo, i, f, o, old_cell, cell, tanh_cell, old_hidden, hidden in self._steps:
            torch.baddbmm(z_input, old_hidden, self.recurrent, out=z)
            torch.tanh(z_g, out=g)
            torch.sigmoid(z_ifo, out=ifo)
            torch.mul(old_cell, f, out=cell).addcmul_(i, g)
            torch.tanh(cell, out=tanh_cell)
            torch.mul(tanh_cell, o, out=hidden)

    def backward(self, below: Tensor) -> None:
        """From ``delta`` compute all gradients of this layer, and that of x into `below`."""
        self._step_backward()
        self._parameter_gradients()
        torch.bmm(self.slopes.flatten(1, 2), self.input.mT, out=below.flatten(1, 2))

    def _step_backward(self) -> None:
        """From ``delta`` compute ``slopes``, the gradient of z."""
        self._local_slopes()
        hidden_delta, cell_delta = self._hidden_delta, self._cell_delta.zero_()
        recurrent = self.recurrent.mT
        later = None  # the gradient of z of the step after
        for delta, cell_slope, slope, slope_gif, slope_o, f in self._steps_back:
            if later is None:
                hidden_delta.copy_(delta)
            else:
                torch.baddbmm(delta, later, recurrent, out=hidden_delta)
            cell_delta.addcmul_(hidden_delta, cell_slope)
            slope_gif.mul_(cell_delta.unsqueeze(2))
            slope_o.mul_(hidden_delta)
            cell_delta.mul_(f)
            later = slope

    def _local_slopes(self) -> None:
        """Derivatives within a step: d cell / d g, i, f, and d hidden / d o, cell."""
        g, i, f, o = self.gates.split(self.width, 3)
        slope_g, slope_i, slope_f, slope_o = self.slopes.split(self.width, 3)
        tanh_backward(i, g, out=slope_g)
        sigmoid_backward(g, i, out=slope_i)
        sigmoid_backward(self.cell[:, :-1], f, out=slope_f)
        sigmoid_backward(self.tanh_cell, o, out=slope_o)
        tanh_backward(o, self.tanh_cell, out=self.cell_slopes)

    def _parameter_gradients(self) -> None:
        slopes = self.slopes.flatten(1, 2)  # (lanes, time x batch, 4 hidden)
        torch.bmm(self.x.flatten(1, 2).mT, slopes, out=self.input_gradient)
        torch.bmm(self.hidden[:, :-1].flatten(1, 2).mT, slopes, out=self.recurrent_gradient)
        torch.sum(slopes, 1, out=self.bias_gradients[0])
        self.bias_gradients[1].copy_(self.bias_gradients[0])

    # Views of every step, made once, as on small models slicing costs as much as the operations.

    @cached_property
    def _steps(self) -> list[tuple[Tensor, ...]]:
        w = self.width
        return [
            (
                self.z[:, t],
                *(self.gates[:, t, :, :w], self.gates[:, t, :, w:]),
                *self.gates[:, t, :, w:].split(w, 2),
                *(self.cell[:, t], self.cell[:, t + 1], self.tanh_cell[:, t]),
                *(self.hidden[:, t], self.hidden[:, t + 1]),
            )
            for t in range(self.x.shape[1])
        ]

    @cached_property
    def _steps_back(self) -> list[tuple[Tensor, ...]]:
        w = self.width
        return [
            (
                self.delta[:, t],
                self.cell_slopes[:, t],
                self.slopes[:, t],
                self.slopes[:, t, :, : 3 * w].unflatten(2, (3, w)),
                self.slopes[:, t, :, 3 * w :],
                self.gates[:, t, :, 2 * w : 3 * w],
            )
            for t in reversed(range(self.x.shape[1]))
        ]

    @cached_property
    def _hidden_delta(self) -> Tensor:
        return product_buffer(self.recurrent, *self.tanh_cell.shape[2:])

    @cached_property
    def _cell_delta(self) -> Tensor:
        return lane_buffer(self.recurrent, *self.tanh_cell.shape[2:])
