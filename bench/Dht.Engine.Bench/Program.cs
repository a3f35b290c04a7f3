using BenchmarkDotNet.Running;
using Dht.Engine.Bench;
using Dht.Engine.Bench.Baseline;

// dotnet run -c Release --project bench/Dht.Engine.Bench -- --filter '*NodeId*'
// dotnet run -c Release --project bench/Dht.Engine.Bench -- check-allocations
switch (args.FirstOrDefault())
{
    case "check-allocations":
        return AllocationCheck.Run(args[1..]);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, BenchConfig.For(args));
        return 0;
}
