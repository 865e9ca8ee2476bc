using Xunit;

// The tests share two cores and measure times of failures.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
