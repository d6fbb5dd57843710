"""The paper's theory, exact: float64, NumPy and SciPy only; every function cites its equation.

`effective_lr` is always the paper's e/(1-m) (eq. 10); SGD is heavy ball with momentum 0.

one direction    stability, stationary, moments (additive noise), mean_square (multiplicative)
noise            batches (eqs. 15-19), momentum_sums (eqs. 20-26), effective_steps (eqs. 9-12)
theory twin      spectrum, noisy_quadratic, twin
every number     arrays
tables           figures_data, monte_carlo, errata (`python -m largebatch.analysis.theory.errata`)
"""
