namespace Dht.Engine.Bencode;

/// <content>Values are equal when their encoded forms are.</content>
public sealed partial class BencodeValue : IEquatable<BencodeValue>
{
    /// <summary>Whether both are equal, or both null.</summary>
    public static bool operator ==(BencodeValue? left, BencodeValue? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(BencodeValue? left, BencodeValue? right) => !(left == right);

    /// <summary>Whether both would encode to the same bytes.</summary>
    public bool Equals(BencodeValue? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || Kind != other.Kind || EncodedLength != other.EncodedLength)
        {
            return false;
        }

        return Kind switch
        {
            BencodeKind.Integer => _number == other._number,
            BencodeKind.String => Bytes.Span.SequenceEqual(other.Bytes.Span),
            BencodeKind.List => Items.SequenceEqual(other.Items),
            _ => Entries.SequenceEqual(other.Entries),
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BencodeValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add((int)Kind);
        switch (Kind)
        {
            case BencodeKind.Integer:
                hash.Add(_number);
                break;
            case BencodeKind.String:
                hash.AddBytes(Bytes.Span);
                break;
            case BencodeKind.List:
                foreach (BencodeValue item in Items)
                {
                    hash.Add(item);
                }

                break;
            default:
                foreach (BencodeEntry entry in Entries)
                {
                    hash.Add(entry);
                }

                break;
        }

        return hash.ToHashCode();
    }
}
