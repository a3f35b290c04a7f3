using System.Text;
using Dht.Cli.Output;

namespace Dht.Engine.Tests.Cli;

public sealed class OutputQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void WhatNobodyReads_IsDroppedAndCounted_AndNobodyWaits()
    {
        using var disk = new GatedStream();
        var queue = new OutputQueue("test", () => disk, 100, static count => Line($"{count} missing"));
        for (int i = 0; i < 50; i++)
        {
            queue.AddOrDrop(Line($"line {i:00}"));
        }

        queue.AddOrDrop(Line("the last"), always: true);
        Assert.False(queue.Drain(static () => TimeSpan.Zero));
        disk.Open();
        Assert.True(queue.Drain(static () => Patience));
        string[] lines = Encoding.ASCII.GetString(disk.Written.ToArray()).Split('\n')[..^1];
        int kept = lines.Length - 2;
        Assert.InRange(kept, 12, 13);
        Assert.Equal([.. Enumerable.Range(0, kept).Select(static i => $"line {i:00}")], lines[..kept]);
        Assert.Equal([$"{50 - kept} missing", "the last"], lines[kept..]);
    }

    [Fact]
    public async Task Results_WaitForTheirReader_AsLongAsThereIsTime()
    {
        using var disk = new GatedStream();
        var queue = new OutputQueue("test", () => disk, 100);
        int taken = 0;
        while (queue.Add(Line("row"), static () => TimeSpan.Zero))
        {
            Assert.True(++taken < 1000);
        }

        var adding = Task.Run(() => queue.Add(Line("late"), static () => Patience));
        disk.Open();
        Assert.True(await adding.WaitAsync(Patience));
        Assert.True(queue.Drain(static () => Patience));
        Assert.Equal(
            string.Concat(Enumerable.Repeat("row\n", taken)) + "late\n",
            Encoding.ASCII.GetString(disk.Written.ToArray()));
    }

    [Fact]
    public void AReaderThatHasGone_EndsAllWaiting()
    {
        using var disk = new GatedStream { Fault = new IOException("gone") };
        var queue = new OutputQueue("test", () => disk, 10);
        Assert.True(queue.Add(Line("first"), static () => Patience));
        disk.Open();
        Assert.True(queue.Drain(static () => Patience));
        Assert.Equal("gone", queue.Fault?.Message);
        Assert.False(queue.Add(Line("second"), static () => Patience));
        queue.AddOrDrop(Line("third"));
        Assert.True(queue.Drain(static () => Patience));
    }

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes(text + "\n");
}
