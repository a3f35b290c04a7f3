using Dht.Engine.Node;
using Dht.Engine.Tests.Cli;
using Dht.Engine.Tests.Node;

namespace Dht.Engine.Tests.Engine;

public sealed class StateFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Name => _folder["state"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatWasSaved_IsLoaded_AndNothingElseIsLeft()
    {
        var file = new StateFile(Name);
        Assert.Equal(Name, file.FullPath);
        Assert.Equal(StateLoadStatus.Missing, file.Load().Status);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            NodeState state = SampleStates.Random(seed, 40 / (int)seed, 30);
            file.Save(state);
            StateLoad load = new StateFile(Name).Load();
            Assert.Equal((StateLoadStatus.Loaded, NodeStateError.None), (load.Status, load.Error));
            SampleStates.AssertSame(state, load.State);
            Assert.Equal([Name], FilesLeft());
        }
    }

    [Fact]
    public void AMissingFileOrFolder_IsAFirstRun()
    {
        StateLoad load = new StateFile(Path.Combine(_folder["none"], "state")).Load();
        Assert.Equal(StateLoadStatus.Missing, load.Status);
        Assert.Null(load.State);
        Assert.Contains("no saved state", load.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedFile_IsPutAside_InPlaceOfAnEarlierOne()
    {
        var file = new StateFile(Name);
        byte[] whole = NodeStateCodec.Encode(SampleStates.Random(1, 5, 5));
        byte[] altered = [.. whole];
        altered[^3] ^= 1;
        byte[] tooLong = [.. whole, .. new byte[NodeStateCodec.SizeMax]];
        (byte[] Bytes, NodeStateError Error)[] cases =
        [
            ([], NodeStateError.TooShort), (whole[..^1], NodeStateError.Checksum), (altered, NodeStateError.Checksum),
            (whole[..12], NodeStateError.TooShort), (whole[..3], NodeStateError.TooShort),
            (tooLong, NodeStateError.TooLong),
        ];
        foreach ((byte[] bytes, NodeStateError error) in cases)
        {
            File.WriteAllBytes(Name, bytes);
            StateLoad load = file.Load();
            Assert.Equal((StateLoadStatus.Damaged, error), (load.Status, load.Error));
            Assert.Null(load.State);
            Assert.Equal(Name + ".damaged", load.PutAside);
            Assert.Contains(Name + ".damaged", load.Message, StringComparison.Ordinal);
            Assert.Equal(bytes, File.ReadAllBytes(load.PutAside!));
            Assert.Equal(StateLoadStatus.Missing, file.Load().Status);
        }

        Assert.Equal([Name + ".damaged"], FilesLeft());
    }

    [Fact]
    public void ADamagedFileThatCannotBeMoved_IsToldOf()
    {
        File.WriteAllBytes(Name, "DhtS"u8);
        Directory.CreateDirectory(Name + ".damaged");
        StateLoad load = new StateFile(Name).Load();
        Assert.Equal(StateLoadStatus.Damaged, load.Status);
        Assert.Null(load.PutAside);
        Assert.Contains("could not be put aside", load.Message, StringComparison.Ordinal);
        new StateFile(Name).Save(new NodeState());
        Assert.Equal(StateLoadStatus.Loaded, new StateFile(Name).Load().Status);
    }

    [Fact]
    public void AFullDisk_AtAnyByte_LeavesTheOldStateAndNothingElse()
    {
        NodeState old = SampleStates.Random(1, 3, 3);
        NodeState next = SampleStates.Random(2, 2, 2);
        new StateFile(Name).Save(old);
        int length = NodeStateCodec.Encode(next).Length;
        for (int room = 0; room <= length; room++)
        {
            int bytes = room;
            var full = new StateFile(Name, path => new BrokenStream(path, bytes));
            IOException failure = Assert.Throws<StateFileException>(() => full.Save(next));
            Assert.Contains($"{Name} cannot be written: No space", failure.Message, StringComparison.Ordinal);
            SampleStates.AssertSame(old, new StateFile(Name).Load().State);
            Assert.Equal([Name], FilesLeft());
        }
    }

    [Fact]
    public void ATemporaryFileOfACrash_IsReplaced_AndALinkIsNotFollowed()
    {
        string temporary = $"{Name}.{Environment.ProcessId}.tmp";
        File.WriteAllText(temporary, "left behind");
        new StateFile(Name).Save(SampleStates.Random(1, 1, 1));
        Assert.Equal([Name], FilesLeft());

        string other = _folder["other"];
        File.WriteAllText(other, "mine");
        File.CreateSymbolicLink(temporary, other);
        new StateFile(Name).Save(SampleStates.Random(2, 1, 1));
        Assert.Equal("mine", File.ReadAllText(other));
        Assert.Equal([other, Name], FilesLeft());
        Assert.Null(File.ResolveLinkTarget(Name, returnFinalTarget: false));
    }

    [Fact]
    public void ATemporaryFileThatCannotBeMade_IsAClearFailure()
    {
        new StateFile(Name).Save(new NodeState());
        Directory.CreateDirectory($"{Name}.{Environment.ProcessId}.tmp");
        IOException failure = Assert.Throws<StateFileException>(
            () => new StateFile(Name).Save(SampleStates.Random(1, 1, 1)));
        Assert.Contains("cannot be written", failure.Message, StringComparison.Ordinal);
        Assert.Empty(new StateFile(Name).Load().State!.Contacts);
        Assert.True(Directory.Exists($"{Name}.{Environment.ProcessId}.tmp"));
        var homeless = new StateFile(Path.Combine(_folder["none"], "state"));
        Assert.Throws<StateFileException>(() => homeless.Save(new NodeState()));
    }

    [Fact]
    public void AFolder_IsNoState()
    {
        Directory.CreateDirectory(Name);
        var file = new StateFile(Name);
        Assert.Contains(
            "it is a folder", Assert.Throws<StateFileException>(file.Load).Message, StringComparison.Ordinal);
        Assert.Contains(
            "it is a folder",
            Assert.Throws<StateFileException>(() => file.Save(new NodeState())).Message,
            StringComparison.Ordinal);
        Assert.Empty(FilesLeft());
        Assert.True(Directory.Exists(Name));
    }

    [Fact]
    public void Misuse_ThrowsAtTheCall()
    {
        Assert.Throws<ArgumentException>(() => new StateFile(" "));
        Assert.Throws<ArgumentNullException>(() => new StateFile(null!));
        Assert.Throws<ArgumentException>(() => new StateFile(Name + Path.DirectorySeparatorChar));
        Assert.Throws<ArgumentNullException>(() => new StateFile(Name).Save(null!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Contains(
                "device",
                Assert.Throws<ArgumentException>(() => new StateFile("/dev/null")).Message,
                StringComparison.Ordinal);
            Assert.True(File.Exists("/dev/null"));
        }
    }

    [Fact]
    public void WhileSavesGoOn_EveryLoadSeesAWholeState()
    {
        // Each state has as many contacts as its seed, so that a mixture of two would show.
        NodeState[] states =
            [.. Enumerable.Range(1, 8).Select(seed => SampleStates.Random((ulong)seed, 100 * seed, 50 * seed))];
        var file = new StateFile(Name);
        file.Save(states[0]);
        Exception? failure = null;
        bool ended = false;
        int loads = 0;
        var saver = new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 200 || (Volatile.Read(ref loads) < 50 && i < 1_000_000); i++)
                {
                    new StateFile(Name).Save(states[i % states.Length]);
                }
            }
            catch (Exception fault)
            {
                failure = fault;
            }

            Volatile.Write(ref ended, true);
        });
        saver.Start();
        while (!Volatile.Read(ref ended))
        {
            StateLoad load = file.Load();
            Assert.Equal(StateLoadStatus.Loaded, load.Status);
            SampleStates.AssertSame(states[(load.State!.Contacts.Count / 150) - 1], load.State);
            Volatile.Write(ref loads, loads + 1);
        }

        saver.Join();
        Assert.Null(failure);
        Assert.Equal([Name], FilesLeft());
    }

    private string[] FilesLeft() =>
        [.. Directory.GetFiles(Path.GetDirectoryName(Name)!).Order(StringComparer.Ordinal)];
}
