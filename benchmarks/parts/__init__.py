"""What several benchmarks share: workloads, clocks, tables on disk, options."""
