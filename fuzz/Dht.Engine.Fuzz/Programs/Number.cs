using Dht.Engine.Krpc;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>The arguments and the results of a method of our own: one number.</summary>
internal readonly record struct Number(long Value) : IKrpcBody<Number>
{
    /// <inheritdoc/>
    public static bool TryRead(KrpcBodyReader body, out Number value)
    {
        bool found = body.TryGetInteger("n"u8, out long number);
        value = new Number(number);
        return found;
    }

    /// <inheritdoc/>
    public void Write(ref KrpcBodyWriter body) => body.WriteInteger("n"u8, Value);
}
