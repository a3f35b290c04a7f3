using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Dht.Engine;

/// <summary>
/// Says that a state file is ours, by a lock of the system on NAME.lock beside it: the state itself is replaced at
/// each save, and a lock would stay behind on what was replaced. Ends with the process, however that ends.
/// </summary>
/// <remarks>
/// NAME.lock stays for ever, because whoever deletes such a file may delete one that another process has just opened.
/// It holds the process that has it, for people. The system's lock is of the whole process, so engines of one process
/// exclude each other by a list.
/// </remarks>
internal sealed class StateFileLock : IDisposable
{
    private const string Suffix = ".lock";
    private const string Mark = "dht ";
    private const int ContentMax = 32;

    private static readonly Lock Gate = new();
    private static readonly HashSet<string> Held = new(StringComparer.Ordinal);

    private readonly FileStream _stream;
    private volatile bool _isReleased;

    private StateFileLock(string target, FileStream stream)
    {
        Target = target;
        _stream = stream;
    }

    /// <summary>The state file, whatever links lead to it.</summary>
    public string Target { get; }

    public bool IsReleased => _isReleased;

    /// <summary>Takes the lock; does not wait for it.</summary>
    /// <param name="target">The state file, whatever links lead to it.</param>
    /// <param name="name">What its user calls it.</param>
    /// <exception cref="StateFileException">Somebody else has it.</exception>
    /// <exception cref="IOException">There can be no such lock: no permission, no such folder, no room.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static StateFileLock Take(string target, string name)
    {
        lock (Gate)
        {
            if (Held.Contains(target))
            {
                throw InUse(name, Environment.ProcessId);
            }

            FileStream stream = Open(target, name, FileMode.OpenOrCreate);
            try
            {
                stream.SetLength(0);
                stream.Write(Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"{Mark}{Environment.ProcessId}\n")));
            }
            catch
            {
                stream.Dispose();
                throw;
            }

            Held.Add(target);
            return new StateFileLock(target, stream);
        }
    }

    /// <summary>Does nothing when nobody has the lock, and leaves nothing behind.</summary>
    /// <exception cref="StateFileException">Somebody has it.</exception>
    public static void CheckFree(string target, string name)
    {
        lock (Gate)
        {
            if (Held.Contains(target))
            {
                throw InUse(name, Environment.ProcessId);
            }

            try
            {
                Open(target, name, FileMode.Open).Dispose();
            }
            catch (Exception fault) when (
                fault is (IOException and not StateFileException) or UnauthorizedAccessException)
            {
                // There is none, or none that we could take: then nobody like us has it.
            }
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (_isReleased)
            {
                return;
            }

            _isReleased = true;
            Held.Remove(Target);
            try
            {
                // A process that has gone shall not be named.
                _stream.SetLength(0);
            }
            catch (IOException)
            {
                // It is for people only.
            }

            _stream.Dispose();
        }
    }

    private static FileStream Open(string target, string name, FileMode mode)
    {
        FileStream stream;
        try
        {
            FileShare share = SystemFile.ShareOf(FileShare.ReadWrite | FileShare.Delete);
            stream = new FileStream(target + Suffix, mode, FileAccess.ReadWrite, share, bufferSize: 0);
        }
        catch (IOException fault) when (SystemFile.IsBusy(fault))
        {
            throw InUse(name, owner: null);
        }

        try
        {
            string content = ReadContent(stream);
            if (content.Length > 0 && !content.StartsWith(Mark, StringComparison.Ordinal))
            {
                throw new IOException($"{target}{Suffix} is there already, and is no lock.");
            }

            return SystemFile.TryLock(stream) ? stream : throw InUse(name, OwnerIn(ReadContent(stream)));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static StateFileException InUse(string name, int? owner)
    {
        string who = owner is { } id ? string.Create(CultureInfo.InvariantCulture, $" (pid {id})") : string.Empty;
        return new StateFileException(StateFileError.InUse, $"Another dht{who} keeps its state in {name}.")
        {
            Owner = owner,
        };
    }

    private static string ReadContent(FileStream stream)
    {
        if (!stream.CanSeek)
        {
            throw new IOException($"{stream.Name} is a pipe or a device.");
        }

        Span<byte> content = stackalloc byte[ContentMax];
        stream.Position = 0;
        int length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        stream.Position = 0;
        return Encoding.ASCII.GetString(content[..length]);
    }

    /// <summary>
    /// The process that the content names, if it is alive: the owner may not have written its own yet.
    /// </summary>
    private static int? OwnerIn(string content) =>
        content.StartsWith(Mark, StringComparison.Ordinal)
        && int.TryParse(content.AsSpan(Mark.Length).Trim(), CultureInfo.InvariantCulture, out int id)
        && IsAlive(id)
            ? id
            : null;

    /// <summary>Whether there is a process of that id.</summary>
    internal static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
