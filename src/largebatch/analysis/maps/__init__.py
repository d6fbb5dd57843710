"""Maps over batch sizes, made from the stored runs; nothing is trained for them.

planned    which maps there are, and what they are made from
task_runs  every stored run of a task, by batch, optimizer, rate and seed
gap        what momentum gains over SGD, each at its own optimum
heat       final metrics over rate and batch, with the line e = T B
reach      updates and seconds to a target
"""
