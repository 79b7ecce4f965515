"""analytics: call and sales metrics, held against benchmarks with their doubt."""
