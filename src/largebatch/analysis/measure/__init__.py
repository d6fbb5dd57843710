"""Curvature and gradient noise, the quantities of the theory, measured on trained networks.

objective    the trained loss of one lane as a function of its weights, twice differentiable
curvature    Hessian-vector products, Lanczos, batch sharpness (secs. 1.2 and 2)
noise        covariance trace, noise scale, Gaussianity (secs. 1.1, app. A)
probe        the examples on which they are measured
retrain      trains a run again, bit for bit, stopping at chosen epochs
measure      all of it for the runs of a sweep
measurer     the same, keeping what figures share
figure_rows  all of it for one figure, as one table
log_h_max    the curvature that the limits and claims of a sweep start from
limits       the rates at which that curvature makes training oscillate and diverge
files        the files that hold the measurements, and their columns
summary      the measurements in a few lines of text
"""
