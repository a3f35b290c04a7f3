using System.Globalization;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// The side of a server child that talks to its parent: says the port, obeys, and ends the process when the parent
/// closes its end.
/// </summary>
/// <remarks>
/// <code>
/// the server says              "ready PORT"
/// the parent may say "mark"    the server notes the bytes allocated so far and says "ok"
/// the parent may say "bytes"   the server says the bytes allocated between the last two marks
/// </code>
/// Marking allocates nothing, so that two marks with nothing in between are 0 bytes apart.
/// </remarks>
internal sealed class ServerConsole
{
    private readonly byte[] _line = new byte[64];
    private readonly Stream _in = Console.OpenStandardInput();
    private readonly Stream _out = Console.OpenStandardOutput();
    private long _markBefore;
    private long _mark;

    public static void Say(string line) => Console.Out.WriteLine(line);

    /// <summary>Says the port and obeys from a thread of its own; the process ends there.</summary>
    public static void Open(int port)
    {
        var console = new ServerConsole();
        Say(string.Create(CultureInfo.InvariantCulture, $"ready {port}"));
        new Thread(console.Obey) { IsBackground = true, Name = "console" }.Start();
    }

    private void Obey()
    {
        while (true)
        {
            int length = ReadLine();
            if (length < 0)
            {
                Environment.Exit(0);
            }

            ReadOnlySpan<byte> line = _line.AsSpan(0, length);
            if (line.SequenceEqual("mark"u8))
            {
                _markBefore = _mark;
                _mark = GC.GetTotalAllocatedBytes(precise: true);
                _out.Write("ok\n"u8);
                _out.Flush();
            }
            else if (line.SequenceEqual("bytes"u8))
            {
                Say((_mark - _markBefore).ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private int ReadLine()
    {
        int length = 0;
        Span<byte> next = stackalloc byte[1];
        while (_in.Read(next) == 1)
        {
            if (next[0] == '\n')
            {
                return length;
            }

            if (length < _line.Length)
            {
                _line[length++] = next[0];
            }
        }

        return -1;
    }
}
