using Dht.Engine.Bencode;
using Dht.Engine.Fuzz;
using Dht.Engine.Fuzz.Mutation;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Fuzz;

public sealed class MutatorTests
{
    private const int Steps = 20_000;

    public static TheoryData<string> Names => [.. FuzzTargets.CreateAll().Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSameSeed_MakesTheSameInputs_AndNoneIsTooLong(string name)
    {
        IFuzzTarget target = FuzzTargets.CreateAll().Single(t => t.Name == name);
        Mutator one = new(target, target.Dictionary, new SeededRandomSource(7));
        Mutator other = new(target, target.Dictionary, new SeededRandomSource(7));
        byte[] parent = target.Seeds[0];
        for (int step = 0; step < Steps; step++)
        {
            byte[] second = target.Seeds[step % target.Seeds.Count];
            byte[] made = one.Mutate(parent, second).ToArray();
            Assert.True(other.Mutate(parent, second).SequenceEqual(made), $"step {step}");
            Assert.True(made.Length <= target.LengthMax, $"step {step}: {made.Length} bytes");

            // The child is the next parent, so that inputs grow to their limit and beyond it.
            parent = step % 50 == 0 ? target.Seeds[0] : made;
        }
    }

    [Fact]
    public void ChangesOfBencode_OftenLeaveItWellFormed()
    {
        SeededRandomSource random = new(3);
        InputBuffer buffer = new(512);
        BencodeMutations mutations = new(buffer, random);
        byte[] parent =
            "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"u8.ToArray();
        int sound = 0;
        int changed = 0;
        for (int step = 0; step < Steps; step++)
        {
            buffer.Load(parent);
            mutations.Apply("l4:spami-3elelleeede"u8);
            bool same = buffer.Bytes.SequenceEqual(parent);
            changed += same ? 0 : 1;
            sound += !same && BencodeValue.TryParse(buffer.Bytes, BencodeMode.Lenient, out _) ? 1 : 0;
        }

        Assert.True(changed > Steps / 2, $"seed 3: {changed} of {Steps} inputs changed");
        Assert.True(sound > changed / 3, $"seed 3: {sound} of {changed} changed inputs are bencode");
    }

    [Theory]
    [InlineData("d1:ai7ee", 3)]
    [InlineData("l4:spami-3elelleeede", 7)]
    [InlineData("99:abc", 1)]
    [InlineData("::eeee", 0)]
    [InlineData("dddd", 4)]
    public void AnOutline_HasTheElementsOfTheInput(string input, int count)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(input);
        BencodeOutline outline = new();
        outline.Read(bytes);
        Assert.Equal(count, outline.Count);
        for (int i = 0; i < outline.Count; i++)
        {
            BencodeElement element = outline[i];
            Assert.True(
                element.Start < element.End && element.End <= bytes.Length && element.Content <= element.End,
                element.ToString());
        }
    }

    [Fact]
    public void ABuffer_CutsWhatGrowsTooLong()
    {
        InputBuffer buffer = new(8);
        buffer.Load("abcdef"u8);
        buffer.Replace(2, 1, "XYZ"u8);
        Assert.Equal("abXYZdef"u8.ToArray(), buffer.Bytes.ToArray());
        buffer.Replace(1, 0, "123"u8);
        Assert.Equal("a123bXYZ"u8.ToArray(), buffer.Bytes.ToArray());
        buffer.Repeat(0, 2, 6, over: true);
        Assert.Equal("a123bXa1"u8.ToArray(), buffer.Bytes.ToArray());
        buffer.Replace(3, 100, default);
        Assert.Equal("a12"u8.ToArray(), buffer.Bytes.ToArray());
    }
}
