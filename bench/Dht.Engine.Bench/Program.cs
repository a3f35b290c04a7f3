using BenchmarkDotNet.Running;
using Dht.Engine.Bench;
using Dht.Engine.Bench.Baseline;
using Dht.Engine.Bench.Load;

// dotnet run -c Release --project bench/Dht.Engine.Bench -- --filter '*NodeId*'
// dotnet run -c Release --project bench/Dht.Engine.Bench -- check-allocations
// dotnet run -c Release --project bench/Dht.Engine.Bench -- load --help
switch (args.FirstOrDefault())
{
    case "check-allocations":
        return AllocationCheck.Run(args[1..]);
    case "load":
        return await LoadCommand.RunAsync(args[1..]).ConfigureAwait(false);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, BenchConfig.For(args));
        return 0;
}
