using Dht.Engine.Node;

namespace Dht.Engine.Tests.Node;

public sealed class RegistrationTests
{
    [Fact]
    public void Disposing_RemovesOnce()
    {
        int removed = 0;
        var registration = new Registration(() => removed++);
        Assert.True(registration.IsActive);
        registration.Dispose();
        Assert.False(registration.IsActive);
        registration.Dispose();
        Assert.Equal(1, removed);
    }

    [Fact]
    public void DisposingFromManyThreads_RemovesOnce()
    {
        int removed = 0;
        var registration = new Registration(() => Interlocked.Increment(ref removed));
        Parallel.For(0, 32, _ => registration.Dispose());
        Assert.Equal(1, removed);
    }
}
