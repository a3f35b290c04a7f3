using BenchmarkDotNet.Running;
using Dht.Engine.Bench;
using Dht.Engine.Bench.Baseline;
using Dht.Engine.Bench.Load;
using Dht.Engine.Bench.Simulation;

// dotnet run -c Release --project bench/Dht.Engine.Bench -- --filter '*NodeId*'
// dotnet run -c Release --project bench/Dht.Engine.Bench -- check-allocations
// dotnet run -c Release --project bench/Dht.Engine.Bench -- load --help
// dotnet run -c Release --project bench/Dht.Engine.Bench -- simulate --nodes 10000 --dead 30 --loss 3
switch (args.FirstOrDefault())
{
    case "check-allocations":
        return AllocationCheck.Run(args[1..]);
    case "load":
        return await LoadCommand.RunAsync(args[1..]).ConfigureAwait(false);
    case "simulate":
        return SimulateCommand.Run(args[1..]);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, BenchConfig.For(args));
        return 0;
}
