using System.Globalization;
using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>Puts bytes in the place of a file, all or none, and removes what a crash has left of that.</summary>
internal static class StateFileWriter
{
    private const string Suffix = ".tmp";
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    /// <summary>Writes NAME.PID.tmp, sees it on the disk, and renames it.</summary>
    /// <param name="target">The file.</param>
    /// <param name="bytes">What it shall hold.</param>
    /// <param name="create">Creates the temporary file; null creates it with the mode that the file has.</param>
    public static void Replace(string target, byte[] bytes, Func<string, Stream>? create)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{target}.{Environment.ProcessId}{Suffix}");

        // A crash may have left one behind. Created and not opened: what lies there could be a link to
        // another place.
        File.Delete(temporary);
        try
        {
            using (Stream stream = create?.Invoke(temporary) ?? Create(temporary, target))
            {
                stream.Write(bytes);
                (stream as FileStream)?.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Removes the temporary files of processes that are no more.</summary>
    public static void Sweep(string target)
    {
        string start = Path.GetFileName(target) + ".";
        try
        {
            foreach (string path in Directory.EnumerateFiles(Path.GetDirectoryName(target)!))
            {
                ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
                if (name.StartsWith(start, StringComparison.Ordinal)
                    && name.EndsWith(Suffix, StringComparison.Ordinal)
                    && name.Length > start.Length + Suffix.Length
                    && int.TryParse(
                        name[start.Length..^Suffix.Length],
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out int owner)
                    && !StateFileLock.IsAlive(owner)
                    && IsOurs(path))
                {
                    TryDelete(path);
                }
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be listed: then they stay.
        }
    }

    /// <summary>Whether a file is what a crash leaves of a save: a state, or the beginning of one.</summary>
    private static bool IsOurs(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).LinkTarget != null)
            {
                return false;
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            Span<byte> beginning = stackalloc byte[16];
            int length = stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
            return NodeStateCodec.CheckBeginning(beginning[..length]) != NodeStateError.NotAState;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream Create(string path, string target)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows() || !File.Exists(target))
        {
            return new FileStream(path, options);
        }

        // Never more than the old one, not for a moment; then what the process's mask has taken from it.
        UnixFileMode mode = File.GetUnixFileMode(target) & Permissions;
        options.UnixCreateMode = mode;
        var stream = new FileStream(path, options);
        try
        {
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A file system without modes.
        }

        return stream;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report.
        }
    }
}
