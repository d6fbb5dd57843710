"""What several benchmarks measure with: workloads, clocks, tables on disk, options."""
