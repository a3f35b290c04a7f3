using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>
/// A file that holds a <see cref="NodeState"/>. A reader finds the old state or the new one, whole, whatever
/// happens while it is saved.
/// </summary>
/// <remarks>
/// <para>A save writes NAME.PID.tmp in the same folder, sees it on the disk, and renames it. Loading and saving wait
/// for the disk, so they do not belong on the engine's loop. Thread-safe.</para>
/// <para>Whoever keeps a state there for longer holds the <see cref="Lock"/>, as a running engine does: nobody else
/// who asks can lock it or save to it then. What is no state, and what a newer version has written, is never touched.
/// A link stays a link, and a mode stays.</para>
/// </remarks>
public sealed class StateFile
{
    private const string DamagedSuffix = ".damaged";

    // One save at a time in this process; another process has another name for its temporary file.
    private static readonly Lock SaveGate = new();

    private readonly Func<string, Stream>? _create;
    private volatile StateFileLock? _lock;

    /// <summary>Names a file; nothing is opened yet.</summary>
    /// <param name="path">Absolute, or relative to the current folder, which is looked up now.</param>
    /// <exception cref="ArgumentException">The path is empty, ends as a folder does, or leads to a device.</exception>
    public StateFile(string path)
        : this(path, create: null)
    {
    }

    /// <param name="path">The file.</param>
    /// <param name="create">
    /// Creates the temporary file, for tests of disks that are full or broken; null creates it as it should be.
    /// </param>
    internal StateFile(string path, Func<string, Stream>? create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FullPath = Path.GetFullPath(path);
        _create = create;
        if (Path.GetFileName(FullPath).Length == 0)
        {
            throw new ArgumentException($"'{path}' is a folder; name a file in it.", nameof(path));
        }

        // A rename would put a plain file in the place of the device, for all users of the machine.
        if (SystemFile.IsDevice(FullPath))
        {
            throw new ArgumentException($"'{path}' is a device; name a file on a disk.", nameof(path));
        }
    }

    /// <summary>Where it is, absolute.</summary>
    public string FullPath { get; }

    /// <summary>
    /// Keeps the file for oneself until what is returned is disposed or the process ends; does not wait. Removes what
    /// saves of processes that were killed have left beside it.
    /// </summary>
    /// <remarks>The lock is on NAME.lock, which stays. It binds those who ask for it, as this class does.</remarks>
    /// <exception cref="StateFileException">
    /// It cannot be had: another has it, the file is not a state of ours, or it could never be written.
    /// </exception>
    public IDisposable Lock()
    {
        try
        {
            string target = FindTarget();
            Refuse(Peek(target));
            StateFileLock taken = StateFileLock.Take(target, FullPath);
            _lock = taken;
            StateFileWriter.Sweep(target);
            return taken;
        }
        catch (Exception fault) when (IsOfFiles(fault))
        {
            throw Explain(StateFileError.Unwritable, Directory.Exists(FullPath) ? "read" : "written", fault);
        }
    }

    /// <summary>
    /// Reads the state. A damaged file is renamed to NAME.damaged, in the place of an earlier one, so that it can be
    /// looked at.
    /// </summary>
    /// <exception cref="StateFileException">
    /// The file is there but cannot be read: no permission, a folder, a pipe, a fault of the disk.
    /// </exception>
    public StateLoad Load()
    {
        NodeStateError error;
        NodeState? state;
        string target;
        try
        {
            target = FindTarget();
            error = NodeStateCodec.TryDecode(Read(target, NodeStateCodec.SizeMax + 1, FileAccess.Read), out state);
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
            throw Explain(StateFileError.Unreadable, "read", fault);
        }

        if (error is NodeStateError.NotAState or NodeStateError.NewerVersion)
        {
            return new StateLoad
            {
                Status = StateLoadStatus.Refused,
                Error = error,
                Message = DescribeRefused(error),
            };
        }

        return state == null
            ? PutAside(target, error)
            : new StateLoad
            {
                Status = StateLoadStatus.Loaded,
                State = state,
                Message = $"The state at {FullPath} has {state.Contacts.Count} contacts.",
            };
    }

    /// <summary>Replaces what the file holds. When that fails, the file is as before.</summary>
    /// <exception cref="StateFileException">
    /// It cannot be written: no permission, no such folder, no room; another has the lock; what is there is no state of
    /// ours.
    /// </exception>
    /// <exception cref="ArgumentException">A contact has no address.</exception>
    public void Save(NodeState state)
    {
        byte[] bytes = NodeStateCodec.Encode(state);
        lock (SaveGate)
        {
            try
            {
                string target = FindTarget();
                if (_lock is not { IsReleased: false } held || held.Target != target)
                {
                    StateFileLock.CheckFree(target, FullPath);
                }

                Refuse(Peek(target));
                StateFileWriter.Replace(target, bytes, _create);
            }
            catch (Exception fault) when (IsOfFiles(fault))
            {
                throw Explain(StateFileError.Unwritable, "written", fault);
            }
        }
    }

    /// <summary>The file itself, whatever links lead to it.</summary>
    private string FindTarget()
    {
        string target = SystemFile.FollowLinks(FullPath);
        return SystemFile.IsDevice(target) ? throw NotAFile() : target;
    }

    /// <summary>What the beginning of the file says of it. A file that is not there is an empty one.</summary>
    private NodeStateError Peek(string target)
    {
        try
        {
            return NodeStateCodec.CheckBeginning(Read(target, NodeStateCodec.HeaderSize, FileAccess.ReadWrite));
        }
        catch (FileNotFoundException)
        {
            return NodeStateError.TooShort;
        }
    }

    /// <param name="target">The file.</param>
    /// <param name="most">The most bytes that are wanted.</param>
    /// <param name="access">Whether it is enough that it can be read.</param>
    private byte[] Read(string target, int most, FileAccess access)
    {
        using FileStream stream = Open(target, access);
        if (!stream.CanSeek)
        {
            throw NotAFile();
        }

        byte[] bytes = new byte[Math.Min(stream.Length, most)];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes[..length];
    }

    private static FileStream Open(string target, FileAccess access)
    {
        const FileShare share = FileShare.ReadWrite | FileShare.Delete;
        try
        {
            // To open a pipe for reading would wait for somebody who writes.
            return new FileStream(target, FileMode.Open, FileAccess.ReadWrite, share, bufferSize: 0);
        }
        catch (Exception fault) when (
            access == FileAccess.Read
            && fault is UnauthorizedAccessException
                or (IOException and not FileNotFoundException and not DirectoryNotFoundException))
        {
            return new FileStream(target, FileMode.Open, FileAccess.Read, share, bufferSize: 0);
        }
    }

    private StateLoad PutAside(string target, NodeStateError error)
    {
        string? aside = target + DamagedSuffix;
        try
        {
            if (File.Exists(aside) && Peek(aside) == NodeStateError.NotAState)
            {
                aside = null;
            }
            else
            {
                File.Move(target, aside, overwrite: true);
            }
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

    private void Refuse(NodeStateError error)
    {
        StateFileError? reason = error switch
        {
            NodeStateError.NotAState => StateFileError.NotAState,
            NodeStateError.NewerVersion => StateFileError.NewerVersion,
            _ => null,
        };
        if (reason is { } refused)
        {
            throw new StateFileException(refused, DescribeRefused(error));
        }
    }

    private string DescribeRefused(NodeStateError error) => error == NodeStateError.NewerVersion
        ? $"A newer version has written the state at {FullPath}; it is left as it is."
        : $"{FullPath} is not the state of a node; it is left as it is.";

    private StateFileException NotAFile() => new(
        StateFileError.NotAFile, $"The state at {FullPath} cannot be kept there: it is a pipe or a device.");

    private StateFileException Explain(StateFileError error, string verb, Exception fault)
    {
        if (Directory.Exists(FullPath))
        {
            return new StateFileException(
                StateFileError.Unreadable, $"The state at {FullPath} cannot be {verb}: it is a folder.", fault);
        }

        return new StateFileException(error, $"The state at {FullPath} cannot be {verb}: {fault.Message}", fault);
    }

    private static string Describe(NodeStateError error) => error switch
    {
        NodeStateError.TooShort => "it is too short",
        NodeStateError.TooLong => $"it is longer than {NodeStateCodec.SizeMax} bytes",
        NodeStateError.Checksum => "its checksum is wrong",
        _ => "its content is malformed",
    };

    private static bool IsOfFiles(Exception fault) =>
        fault is (IOException and not StateFileException) or UnauthorizedAccessException or NotSupportedException;
}
