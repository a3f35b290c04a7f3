namespace Dht.Engine;

/// <summary>Why a <see cref="StateFile"/> cannot be used. In all cases the file is as it was.</summary>
public enum StateFileError
{
    /// <summary>It cannot be read: no permission, a folder, a fault of the disk.</summary>
    Unreadable,

    /// <summary>It cannot be written: no permission, no such folder, no room.</summary>
    Unwritable,

    /// <summary>It is a pipe or a device.</summary>
    NotAFile,

    /// <summary>It holds something else than a state: it belongs to somebody.</summary>
    NotAState,

    /// <summary>A newer version of this library has written it, with what this one does not know.</summary>
    NewerVersion,

    /// <summary>Another process, or another engine of this one, keeps its state there.</summary>
    InUse,
}
