namespace Dht.Engine.Fuzz;

/// <summary>What an input is made of, so that it can be changed where it matters.</summary>
public enum InputShape
{
    /// <summary>Bytes without a structure that would help.</summary>
    Bytes,

    /// <summary>Bencode, at least most of it.</summary>
    Bencode,

    /// <summary>A program: commands of four bytes each, see <see cref="Programs.Command"/>.</summary>
    Commands,
}
