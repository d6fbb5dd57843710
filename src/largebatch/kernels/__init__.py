"""Triton kernels, each with a plain PyTorch twin that computes the same; tests compare the two.

Read them in this order; docs/kernels.md says what each replaces and what that saves:

1. `keep_mask`, `softmax_slope`, `row_sums`: one file each, a kernel or two and the launch;
2. `heavy_ball`, `rank_one`: the update of all parameters, and of a dense layer at batch size 1;
3. `norm_relu`: the launches; `_tiles` divides the work; `_forward`, `_backward`: the kernels;
   `_pieces`: what the two share;
4. `lane_conv`: which convolutions it takes; `_tiles`; `_launch`; `_kernels`: the forward pass and
   the input gradient; `_weight_kernels`: the weight gradient;
5. `lstm_recurrence`: the launches, and how programs wait for each other; `_forward`, `_backward`,
   `_pieces`.

In kernels, names in capitals are known at compile time. `at` is where a program reads or writes;
the masks `known` and `inside` say which of these numbers exist.
"""
