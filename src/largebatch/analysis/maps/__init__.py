"""Maps over batch sizes, made from the stored runs; nothing is trained for them.

planned  which maps there are, and what they are made from
grid     every stored run of a task, by batch, optimizer, rate and seed
gap      what momentum gains over SGD, each at its own optimum
heat     final metrics over rate and batch, with the line e = T B
reach    steps and seconds to a target
"""
