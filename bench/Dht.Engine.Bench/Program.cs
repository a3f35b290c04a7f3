using BenchmarkDotNet.Running;
using Dht.Engine.Bench;
using Dht.Engine.Bench.Simulation;

// dotnet run -c Release --project bench/Dht.Engine.Bench -- --filter '*NodeId*'
// dotnet run -c Release --project bench/Dht.Engine.Bench -- simulate --nodes 10000 --dead 30 --loss 3
if (args is ["simulate", ..])
{
    return SimulateCommand.Run(args[1..]);
}

BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, BenchConfig.For(args));
return 0;
