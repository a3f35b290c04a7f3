using System.Runtime.CompilerServices;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Architecture;

[Collection(QuietProcess.Name)]
public class AllocationGuardTests
{
    private static readonly object[] Sink = new object[1];

    [Fact]
    public void OnThread_SeesOneSmallObject() => Assert.InRange(AllocationGuard.OnThread(AllocateOne), 16, 64);

    [Fact]
    public void OnThread_WithOwnWarmUp_SeesOneSmallObject() =>
        Assert.InRange(AllocationGuard.OnThread(DoNothing, AllocateOne), 16, 64);

    [Fact]
    public void OnThread_WithState_SeesOneSmallObject() =>
        Assert.InRange(AllocationGuard.OnThread(Sink, static sink => sink[0] = Make()), 16, 64);

    [Fact]
    public void OnThread_IsZeroForNothing()
    {
        Assert.Equal(0, AllocationGuard.OnThread(DoNothing));
        Assert.Equal(0, AllocationGuard.OnThread(Sink, static _ => { }));
    }

    [Fact]
    public void OnThread_DoesNotSeeOtherThreads()
    {
        using var go = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        var other = new Thread(() =>
        {
            go.Wait();
            Sink[0] = new byte[100_000];
            done.Set();
        });
        other.Start();
        long seen = AllocationGuard.OnThread((go, done), static s => Ring(s.go, s.done), warmUps: 0);
        other.Join();
        Assert.InRange(seen, 0, 99_999);
    }

    [Fact]
    public void InProcess_SeesOneSmallObject() => Assert.InRange(AllocationGuard.InProcess(AllocateOne), 16, 4096);

    [Fact]
    public void InProcess_IsZeroForNothing() => Assert.Equal(0, AllocationGuard.InProcess(DoNothing));

    [Fact]
    public void InProcess_SeesAnObjectOfAnotherThread()
    {
        using var worker = new Worker();
        Assert.InRange(AllocationGuard.InProcess(worker, static w => w.AllocateOnce()), 16, 4096);
    }

    [Fact]
    public void AssertNone_FailsOnOneSmallObject()
    {
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AllocationGuard.AssertNone(AllocateOne));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AllocationGuard.AssertNone(Sink, static s => s[0] = Make()));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => AllocationGuard.AssertNoneInProcess(Sink, static s => s[0] = Make()));
    }

    private static void AllocateOne() => Sink[0] = Make();

    private static void DoNothing()
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object Make() => new();

    private static void Ring(ManualResetEventSlim go, ManualResetEventSlim done)
    {
        go.Set();
        done.Wait();
    }

    /// <summary>A thread that allocates one object when asked; asking costs nothing.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly SemaphoreSlim _asked = new(0);
        private readonly Thread _thread;
        private int _made;
        private volatile bool _stop;

        public Worker()
        {
            _thread = new Thread(Work) { IsBackground = true };
            _thread.Start();
        }

        public void AllocateOnce()
        {
            int before = Volatile.Read(ref _made);
            _asked.Release();
            while (Volatile.Read(ref _made) == before)
            {
                Thread.Yield();
            }
        }

        public void Dispose()
        {
            _stop = true;
            _asked.Release();
            _thread.Join();
            _asked.Dispose();
        }

        private void Work()
        {
            while (true)
            {
                _asked.Wait();
                if (_stop)
                {
                    return;
                }

                Sink[0] = Make();
                Volatile.Write(ref _made, _made + 1);
            }
        }
    }
}
