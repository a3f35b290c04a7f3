namespace Dht.Engine;

/// <summary>What came of loading a <see cref="StateFile"/>.</summary>
public enum StateLoadStatus
{
    /// <summary>There is no file: a first run.</summary>
    Missing,

    /// <summary>The state was read.</summary>
    Loaded,

    /// <summary>There is a file, but no state that can be used. It was put aside.</summary>
    Damaged,

    /// <summary>
    /// There is a file that is not to be touched: it is no state, or a newer version has written it. It was left.
    /// </summary>
    Refused,
}
