using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dht.Engine.Fuzz;

namespace Dht.Engine.Tests.Fuzz;

public sealed class GuardedInputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dht-guard-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(GuardedInput.LengthMax)]
    public void AnInput_LiesAtTheGuardInFrontOrAtTheBack(int length)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        using GuardedInput input = new(Path.Combine(_folder, "last"));
        foreach (bool atFront in new[] { true, false })
        {
            input.Set(bytes, atFront);
            Assert.Equal(bytes, input.Current.ToArray());
            if (OperatingSystem.IsLinux())
            {
                nint start = Address(input.Current);
                Assert.Equal("rw-s", length == 0 ? "rw-s" : RightsAt(start));
                Assert.Equal("---p", RightsAt(atFront ? start - 1 : start + length));
            }
        }
    }

    [Fact]
    public void WhatIsLeftBehind_IsTheInput()
    {
        string path = Path.Combine(_folder, "last");
        using GuardedInput input = new(path);
        foreach (bool atFront in new[] { true, false })
        {
            input.Set("spam"u8, atFront);
            if (OperatingSystem.IsLinux())
            {
                // As a process that is killed leaves it.
                File.Copy(path, path + ".copy", overwrite: true);
                Assert.Equal("spam"u8.ToArray(), GuardedInput.Load(path + ".copy"));
            }
        }

        File.WriteAllText(path + ".plain", "FUZZ");
        Assert.Equal("FUZZ"u8.ToArray(), GuardedInput.Load(path + ".plain"));
    }

    [Fact]
    public void WhatIsTooLong_IsCut()
    {
        using GuardedInput input = new(Path.Combine(_folder, "last"));
        input.Set(new byte[GuardedInput.LengthMax + 1], atFront: true);
        Assert.InRange(
            input.Current.Length, GuardedInput.LengthMax, GuardedInput.LengthMax + (OperatingSystem.IsLinux() ? 0 : 1));
    }

    private static unsafe nint Address(ReadOnlySpan<byte> span) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));

    /// <summary>What the kernel says of the page that holds an address.</summary>
    private static string RightsAt(nint address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ');
            string[] range = words[0].Split('-');
            if ((nuint)address >= Parse(range[0]) && (nuint)address < Parse(range[1]))
            {
                return words[1];
            }
        }

        return "";
    }

    private static nuint Parse(string hex) => nuint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
