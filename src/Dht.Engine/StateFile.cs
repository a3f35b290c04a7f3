using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>
/// A file that holds a <see cref="NodeState"/>. A reader finds the old state or the new one, whole, whatever
/// happens while it is saved.
/// </summary>
/// <remarks>
/// A save writes NAME.PID.tmp in the same folder, sees it on the disk, and renames it. Both calls wait for the disk,
/// so they do not belong on the engine's loop. Thread-safe; two running nodes should not share a file, because each
/// would lose what the other saved.
/// </remarks>
public sealed class StateFile
{
    private const string DamagedSuffix = ".damaged";

    // One save at a time in this process; another process has another name for its temporary file.
    private static readonly Lock SaveGate = new();

    private readonly Func<string, Stream> _create;

    /// <summary>Names a file; nothing is opened yet.</summary>
    /// <param name="path">Absolute, or relative to the current folder, which is looked up now.</param>
    /// <exception cref="ArgumentException">The path is empty, ends as a folder does, or leads to a device.</exception>
    public StateFile(string path)
        : this(
            path,
            static name => new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
    {
    }

    /// <param name="path">The file.</param>
    /// <param name="create">Creates the temporary file: for tests of disks that are full or broken.</param>
    internal StateFile(string path, Func<string, Stream> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FullPath = Path.GetFullPath(path);
        _create = create;
        if (Path.GetFileName(FullPath).Length == 0)
        {
            throw new ArgumentException($"'{path}' is a folder; name a file in it.", nameof(path));
        }

        // A rename would put a plain file in the place of the device, for all users of the machine.
        if (!OperatingSystem.IsWindows() && IsBelow("/dev/") && !IsBelow("/dev/shm/"))
        {
            throw new ArgumentException($"'{path}' is a device; name a file on a disk.", nameof(path));
        }
    }

    /// <summary>Where it is, absolute.</summary>
    public string FullPath { get; }

    private string TemporaryPath => $"{FullPath}.{Environment.ProcessId}.tmp";

    /// <summary>
    /// Reads the state. A damaged file is renamed to NAME.damaged, in the place of an earlier one, so that it can be
    /// looked at.
    /// </summary>
    /// <exception cref="IOException">
    /// The file is there but cannot be read: no permission, a folder, a fault of the disk.
    /// </exception>
    public StateLoad Load()
    {
        NodeStateError error;
        NodeState? state;
        try
        {
            error = Read(out state);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return new StateLoad
            {
                Status = StateLoadStatus.Missing,
                Message = $"There is no saved state at {FullPath}.",
            };
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            throw Explain("read", fault);
        }

        return state == null
            ? PutAside(error)
            : new StateLoad
            {
                Status = StateLoadStatus.Loaded,
                State = state,
                Message = $"The state at {FullPath} has {state.Contacts.Count} contacts.",
            };
    }

    /// <summary>Replaces what the file holds. When that fails, the file is as before.</summary>
    /// <exception cref="IOException">It cannot be written: no permission, no such folder, no room.</exception>
    /// <exception cref="ArgumentException">A contact has no address.</exception>
    public void Save(NodeState state)
    {
        byte[] bytes = NodeStateCodec.Encode(state);
        lock (SaveGate)
        {
            try
            {
                Replace(bytes);
            }
            catch (Exception fault) when (IsOfFiles(fault))
            {
                throw Explain("written", fault);
            }
        }
    }

    private NodeStateError Read(out NodeState? state)
    {
        state = null;
        using var stream = new FileStream(
            FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > NodeStateCodec.SizeMax)
        {
            return NodeStateError.TooLong;
        }

        byte[] bytes = new byte[stream.Length];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return NodeStateCodec.TryDecode(bytes.AsSpan(0, length), out state);
    }

    private StateLoad PutAside(NodeStateError error)
    {
        string? aside = FullPath + DamagedSuffix;
        try
        {
            File.Move(FullPath, aside, overwrite: true);
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            aside = null;
        }

        string where = aside == null
            ? "It could not be put aside; the next save replaces it."
            : $"It was put aside as {aside}.";
        return new StateLoad
        {
            Status = StateLoadStatus.Damaged,
            Error = error,
            PutAside = aside,
            Message = $"The state at {FullPath} cannot be used: {Describe(error)}. {where}",
        };
    }

    private void Replace(byte[] bytes)
    {
        string temporary = TemporaryPath;

        // A crash may have left one behind. Created and not opened: what lies there could be a link to
        // another place.
        File.Delete(temporary);
        try
        {
            using (Stream stream = _create(temporary))
            {
                stream.Write(bytes);
                (stream as FileStream)?.Flush(flushToDisk: true);
            }

            File.Move(temporary, FullPath, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    private bool IsBelow(string folder) => FullPath.StartsWith(folder, StringComparison.Ordinal);

    private IOException Explain(string verb, Exception fault)
    {
        string reason = Directory.Exists(FullPath) ? "it is a folder." : fault.Message;
        return new IOException($"The state at {FullPath} cannot be {verb}: {reason}", fault);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            // The first failure is the one to report.
        }
    }

    private static string Describe(NodeStateError error) => error switch
    {
        NodeStateError.TooShort => "it is too short",
        NodeStateError.TooLong => $"it is longer than {NodeStateCodec.SizeMax} bytes",
        NodeStateError.NotAState => "it is not a state of a node",
        NodeStateError.NewerVersion => "a newer version has written it",
        NodeStateError.Checksum => "its checksum is wrong",
        _ => "its content is malformed",
    };

    private static bool IsOfFiles(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or NotSupportedException;
}
