using System.Diagnostics;
using Dht.Engine.Node;
using Dht.Engine.Tests.Cli;
using Dht.Engine.Tests.Node;

namespace Dht.Engine.Tests.Engine;

/// <summary>Whose a state file is: what is not ours is left, and what is in use is refused.</summary>
public sealed class StateFileOwnerTests : IDisposable
{
    private static readonly byte[] Newer = [.. "DhtState"u8, 0, 0, 0, 2, .. "whatever it may be"u8];

    private readonly TempFolder _folder = new();

    public static TheoryData<string, NodeStateError, StateFileError> NotOurs => new()
    {
        { "id,ip,port\n", NodeStateError.NotAState, StateFileError.NotAState },
        { "x", NodeStateError.NotAState, StateFileError.NotAState },
        { new string('\0', 100), NodeStateError.NotAState, StateFileError.NotAState },
        { new string('a', NodeStateCodec.SizeMax + 7), NodeStateError.NotAState, StateFileError.NotAState },
        { System.Text.Encoding.ASCII.GetString(Newer), NodeStateError.NewerVersion, StateFileError.NewerVersion },
    };

    private string Name => _folder["state"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(NotOurs))]
    public void WhatIsNotOurs_IsRefused_AndLeftAsItIs(string content, NodeStateError error, StateFileError reason)
    {
        File.WriteAllText(Name, content);
        var file = new StateFile(Name);
        StateLoad load = file.Load();
        Assert.Equal((StateLoadStatus.Refused, error), (load.Status, load.Error));
        Assert.Null(load.PutAside);
        Assert.Contains("it is left as it is.", load.Message, StringComparison.Ordinal);
        Assert.Equal(reason, Assert.Throws<StateFileException>(() => file.Save(new NodeState())).Error);
        Assert.Equal(reason, Assert.Throws<StateFileException>(() => file.Lock()).Error);
        var engine = new DhtEngine(Loopback.Options() with { StatePath = Name });
        Assert.Equal(reason, Assert.Throws<StateFileException>(engine.Start).Error);
        Assert.Equal(content, File.ReadAllText(Name));
        Assert.Equal([Name], FilesLeft());
    }

    [Fact]
    public void ADamagedCopyThatIsNotOurs_IsNotReplaced()
    {
        File.WriteAllText(Name + ".damaged", "a note of mine");
        File.WriteAllBytes(Name, "DhtState"u8);
        Assert.Null(new StateFile(Name).Load().PutAside);
        Assert.Equal("a note of mine", File.ReadAllText(Name + ".damaged"));
    }

    /// <summary>The lock is of the file, whichever way leads to it.</summary>
    [Fact]
    public void ThroughALinkedFolder_ItIsTheSameFile()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string folder = Path.GetDirectoryName(Name)!;
        string real = Directory.CreateDirectory(Path.Combine(folder, "real")).FullName;
        string link = Path.Combine(folder, "link");
        Directory.CreateSymbolicLink(link, real);
        File.CreateSymbolicLink(Path.Combine(folder, "to"), Path.Combine(link, "state"));
        using (new StateFile(Path.Combine(real, "state")).Lock())
        {
            foreach (string alias in (string[])[Path.Combine(link, "state"), Path.Combine(folder, "to")])
            {
                var other = new StateFile(alias);
                Assert.Equal(StateFileError.InUse, Assert.Throws<StateFileException>(() => other.Lock()).Error);
                Assert.Equal(
                    StateFileError.InUse, Assert.Throws<StateFileException>(() => other.Save(new NodeState())).Error);
            }
        }
    }

    [Fact]
    public void ALockedFile_CanBeReadByOthers_AndNeitherLockedNorSaved()
    {
        var mine = new StateFile(Name);
        NodeState state = SampleStates.Random(1, 3, 3);
        using (mine.Lock())
        {
            mine.Save(state);
            var other = new StateFile(Name);
            StateFileException refused = Assert.Throws<StateFileException>(() => other.Lock());
            Assert.Equal((StateFileError.InUse, Environment.ProcessId), (refused.Error, refused.Owner));
            Assert.Equal($"Another dht (pid {Environment.ProcessId}) keeps its state in {Name}.", refused.Message);
            Assert.Equal(
                StateFileError.InUse,
                Assert.Throws<StateFileException>(() => other.Save(SampleStates.Random(2, 1, 1))).Error);
            SampleStates.AssertSame(state, other.Load().State);
            Assert.Throws<StateFileException>(() => mine.Lock());
        }

        var next = new StateFile(Name);
        next.Save(SampleStates.Random(2, 1, 1));
        using (next.Lock())
        {
            next.Save(state);
        }

        Assert.Equal([Name, Name + ".lock"], FilesLeft());
    }

    [Fact]
    public async Task TwoEnginesOfOneFile_TheSecondIsRefused_UntilTheFirstHasStopped()
    {
        DhtEngineOptions options = Loopback.Options() with { StatePath = Name };
        await using DhtEngine first = Loopback.Start(options);
        await using var second = new DhtEngine(options);
        Assert.Equal(StateFileError.InUse, Assert.Throws<StateFileException>(second.Start).Error);
        Assert.False(second.IsRunning);
        await first.StopAsync();
        second.Start();
        await second.StopAsync();
        first.Start();
    }

    [Fact]
    public async Task AStartThatFails_LeavesTheFileToOthers()
    {
        await using DhtEngine taken = Loopback.Start(Loopback.Options());
        var blocked = new DhtEngine(Loopback.Options() with { Bind = taken.LocalEndpoint, StatePath = Name });
        Assert.Throws<System.Net.Sockets.SocketException>(blocked.Start);
        new StateFile(Name).Lock().Dispose();
    }

    [Fact]
    public void AStateThatCouldNotBeWritten_IsToldOfAtTheStart()
    {
        string gone = Path.Combine(_folder["none"], "state");
        var engine = new DhtEngine(Loopback.Options() with { StatePath = gone });
        StateFileException refused = Assert.Throws<StateFileException>(engine.Start);
        Assert.Equal(StateFileError.Unwritable, refused.Error);
        Assert.StartsWith($"The state at {gone} cannot be written: ", refused.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Name);
        engine = new DhtEngine(Loopback.Options() with { StatePath = Name });
        Assert.Contains(
            "it is a folder", Assert.Throws<StateFileException>(engine.Start).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALockThatIsNoLock_IsLeftAlone()
    {
        File.WriteAllText(Name + ".lock", "a note of mine");
        StateFileException refused = Assert.Throws<StateFileException>(() => new StateFile(Name).Lock());
        Assert.Equal(StateFileError.Unwritable, refused.Error);
        Assert.Contains("is no lock", refused.Message, StringComparison.Ordinal);
        new StateFile(Name).Save(new NodeState());
        Assert.Equal("a note of mine", File.ReadAllText(Name + ".lock"));
    }

    [Fact]
    public void ALinkStaysALink_AndAModeStays()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Directory.CreateDirectory(_folder["real"]);
        string target = Path.Combine(_folder["real"], "state");
        File.CreateSymbolicLink(Name, target);
        new StateFile(Name).Save(SampleStates.Random(1, 1, 1));
        Assert.Equal(target, File.ResolveLinkTarget(Name, returnFinalTarget: true)!.FullName);
        foreach (UnixFileMode mode in (UnixFileMode[])
            [UnixFileMode.UserRead | UnixFileMode.UserWrite, (UnixFileMode)0x1FF, (UnixFileMode)0x1B4])
        {
            File.SetUnixFileMode(target, mode);
            NodeState state = SampleStates.Random((ulong)mode, 2, 2);
            new StateFile(Name).Save(state);
            Assert.Equal(mode, File.GetUnixFileMode(target));
            SampleStates.AssertSame(state, new StateFile(target).Load().State);
        }

        // Two names of one file are one file.
        using (new StateFile(Name).Lock())
        {
            Assert.Throws<StateFileException>(() => new StateFile(target).Lock());
        }

        Assert.Equal(target, File.ResolveLinkTarget(Name, returnFinalTarget: true)!.FullName);
        Assert.Equal([Name], FilesLeft());
    }

    [Fact]
    public void APipeOrADevice_IsNoPlaceForAState()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using (Process make = Process.Start("mkfifo", [Name]))
        {
            make.WaitForExit();
        }

        File.CreateSymbolicLink(_folder["null"], "/dev/null");
        foreach (string path in (string[])[Name, _folder["null"]])
        {
            var file = new StateFile(path);
            Assert.Equal(StateFileError.NotAFile, Assert.Throws<StateFileException>(file.Load).Error);
            Assert.Equal(StateFileError.NotAFile, Assert.Throws<StateFileException>(() => file.Lock()).Error);
            Assert.Equal(
                StateFileError.NotAFile, Assert.Throws<StateFileException>(() => file.Save(new NodeState())).Error);
        }
    }

    [Fact]
    public void WhatKilledProcessesHaveLeft_IsRemoved_AndNothingElse()
    {
        // No system has processes of the first number, and all have ours.
        string dead = $"{Name}.{int.MaxValue}.tmp";
        string[] others = [$"{Name}..tmp", $"{Name}.{Environment.ProcessId}.tmp", $"{Name}.x.tmp", $"{Name}2.tmp"];
        foreach (string path in (string[])[dead, .. others])
        {
            File.WriteAllBytes(path, path == dead ? "DhtSta"u8 : "x"u8);
        }

        // A number that no process has, but no beginning of a state: somebody's notes of a day.
        File.WriteAllText($"{Name}.{int.MaxValue - 1}.tmp", "my notes");
        new StateFile(Name).Lock().Dispose();
        Assert.False(File.Exists(dead));
        Assert.Equal("my notes", File.ReadAllText($"{Name}.{int.MaxValue - 1}.tmp"));
        Assert.All(others, static path => Assert.True(File.Exists(path), path));
    }

    private string[] FilesLeft() =>
        [.. Directory.GetFiles(Path.GetDirectoryName(Name)!).Order(StringComparer.Ordinal)];
}
