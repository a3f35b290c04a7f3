namespace Dht.Cli.Output;

/// <summary>
/// Lines of results on standard output, as they come. It notices when the reader has gone: <c>| head</c> shall end the
/// search, not only the display.
/// </summary>
internal sealed class LineOutput
{
    private bool _isRefused;

    /// <summary>Whether nobody takes lines any more.</summary>
    public bool IsClosed => _isRefused || StandardOutput.IsClosed;

    /// <summary>Writes a line; false when nobody takes it.</summary>
    public bool TryWrite(string line)
    {
        _isRefused = _isRefused || !StandardOutput.TryWriteLine(line);
        return !_isRefused;
    }
}
