using BenchmarkDotNet.Running;
using Dht.Engine.Bench;

// dotnet run -c Release --project bench/Dht.Engine.Bench -- --filter '*NodeId*'
BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, BenchConfig.For(args));
