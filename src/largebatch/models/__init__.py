"""Networks of several runs side by side, one lane each (docs/lanes.md).

Read first: `lane_model`, what training asks of a model; `parameters` and `buffers`, the memory of
all lanes; `streams`, a lane's random numbers. Then one of the models:

- `autoencoder`: `dense`, its layers; `outer`, its step for one example;
- `lstm`: `lstm_layout`, its parameters; `lstm_network`, the unrolled network; `lstm_layer`, and on
  a GPU at batch size 1 `lstm_stationary`;
- `wrn`: `wrn_layout`, its blocks and parameters; `wrn_part`, forward and backward for some lanes;
  `wrn_head`, what follows the last feature map; `lane_ops` and `batch_norm`, its layers.

On a GPU `replay` records steps as CUDA graphs, and `branches` runs several lanes' work in parallel.
"""
