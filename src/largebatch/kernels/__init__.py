"""Triton kernels, each with a plain PyTorch twin that computes the same and that tests compare.

To read in this order; docs/kernels.md says what each replaces and what that is worth:

1. `keep_mask`, `softmax_slope`, `row_sums`: a kernel or two, and its launch, in a file;
2. `heavy_ball`, `rank_one`: the update, of all parameters and of a dense layer at batch size 1;
3. `norm_relu`: its launches; `_tiles` divides the work; `_forward`, `_backward`: the kernels;
   `_pieces`: what both are made of;
4. `lane_conv`: what it takes; `_tiles`; `_launch`; `_kernels`: forward, and the gradient by the
   input; `_weight_kernels`;
5. `lstm_recurrence`: its launches, and how programs wait for each other; `_forward`, `_backward`,
   `_pieces`.

In kernels, names in capitals are known when they are compiled; `at` is where a program reads or
writes; `known` and `inside` are which of these numbers there are.
"""
