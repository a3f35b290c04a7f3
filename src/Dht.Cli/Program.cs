return await Dht.Cli.CommandLine.RunAsync(args).ConfigureAwait(false);
