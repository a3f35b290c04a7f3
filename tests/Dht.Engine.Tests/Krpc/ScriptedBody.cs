using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Krpc;

/// <summary>A body that writes what the test says, and reads anything.</summary>
internal sealed class ScriptedBody(ScriptedBody.Writing write) : IKrpcBody<ScriptedBody>
{
    public delegate void Writing(ref KrpcBodyWriter body);

    public static bool TryRead(KrpcBodyReader body, out ScriptedBody value)
    {
        value = new ScriptedBody((ref KrpcBodyWriter _) => { });
        return true;
    }

    public void Write(ref KrpcBodyWriter body) => write(ref body);
}
