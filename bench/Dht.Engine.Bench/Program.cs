// dotnet run -c Release --project bench/Dht.Engine.Bench -- --help
return await Dht.Engine.Bench.BenchCommandLine.RunAsync(args).ConfigureAwait(false);
