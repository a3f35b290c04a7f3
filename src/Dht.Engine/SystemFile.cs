namespace Dht.Engine;

/// <summary>
/// What the system knows of a file and the framework does not say plainly: whether a path leads to a device, and locks
/// between processes that end with the process. Compiled into the command line as well.
/// </summary>
internal static class SystemFile
{
    // Beyond the end of any file: on Windows a lock keeps others from the bytes that it covers.
    private const long LockedAt = long.MaxValue - 1;

    private const int LinksMax = 40;

    // EAGAIN of Linux and of the BSDs, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
    private static readonly int[] BusyCodes = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    /// <summary>Whether another process is the reason.</summary>
    public static bool IsBusy(Exception fault) => BusyCodes.Contains(fault.HResult);

    /// <summary>Whether a path is a device's. Links are not followed.</summary>
    public static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && path.StartsWith("/dev/", StringComparison.Ordinal)
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    /// <summary>
    /// The file itself, whatever links lead to it or to its folders; it need not be there. Two names of one file (hard
    /// links) stay two.
    /// </summary>
    /// <exception cref="IOException">The links lead round in a circle.</exception>
    public static string FollowLinks(string path) => FollowLinks(Path.GetFullPath(path), LinksMax);

    private static string FollowLinks(string path, int linksLeft)
    {
        string? folder = Path.GetDirectoryName(path);
        if (folder == null)
        {
            return path;
        }

        if (linksLeft == 0)
        {
            throw new IOException($"Too many links lead to {path}.");
        }

        string itself = Path.Combine(FollowLinks(folder, linksLeft), Path.GetFileName(path));
        try
        {
            return File.ResolveLinkTarget(itself, returnFinalTarget: true) is { } target
                ? FollowLinks(target.FullName, linksLeft - 1)
                : itself;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return itself;
        }
    }

    /// <summary>How a file that is to be locked is shared when it is opened.</summary>
    /// <param name="share">
    /// How it would be shared by itself. Where the framework has no locks of a part, all of it is locked instead.
    /// </param>
    public static FileShare ShareOf(FileShare share) =>
        OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() ? FileShare.None : share;

    /// <summary>
    /// Locks a file for this process, until it closes the file or ends; others can still read it. False when another
    /// process has it.
    /// </summary>
    /// <remarks>
    /// The lock is of the process: it does not keep out another stream of the same one, and it ends when any stream of
    /// the file is closed.
    /// </remarks>
    public static bool TryLock(FileStream stream)
    {
        if (OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsTvOS())
        {
            return true;
        }

        try
        {
            stream.Lock(LockedAt, 1);
            return true;
        }
        catch (IOException fault)
        {
            // A file system without locks is no reason to refuse work.
            return !IsBusy(fault);
        }
    }
}
