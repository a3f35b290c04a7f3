namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Finds the transaction id in an answer, be it a reply or our own query sent back. The answers of one server look
/// alike, so the place where it was last is looked at first.
/// </summary>
internal sealed class AnswerReader
{
    // A reply with contacts is longer, an error or a query of the server's own shorter.
    private const int AnswerSizeMin = 128;

    private int _start;

    private static ReadOnlySpan<byte> Mark => "1:t4:"u8;

    /// <summary>False when the datagram is no answer to a find_node query of ours.</summary>
    public bool TryRead(ReadOnlySpan<byte> datagram, out uint transaction)
    {
        transaction = 0;
        int startMax = datagram.Length - Mark.Length - QueryTemplate.TransactionSize;
        if (datagram.Length < AnswerSizeMin)
        {
            return false;
        }

        if (_start > startMax || !datagram[_start..].StartsWith(Mark))
        {
            int start = datagram.LastIndexOf(Mark);
            if (start < 0 || start > startMax)
            {
                return false;
            }

            _start = start;
        }

        transaction = BitConverter.ToUInt32(datagram[(_start + Mark.Length)..]);
        return true;
    }
}
