"""What the theory speaks of, measured on trained networks: curvature and gradient noise.

objective  the trained loss of one lane as a function of its weights, twice differentiable
curvature  Hessian-vector products, Lanczos, batch sharpness (secs. 1.2 and 2)
noise      covariance trace, noise scale, Gaussianity (secs. 1.1, app. A)
probe      the examples that are measured on
retrain    a run again, bit for bit, stopping at chosen epochs
measure    all of it for the runs of a figure
log_h_max  the curvature that limits and claims of a sweep start from
limits     the rates at which it makes training oscillate and diverge
files      that hold it, and their columns
"""
