using System.Runtime.CompilerServices;

#pragma warning disable CA1812 // Never made: only read, as compiled code.
#pragma warning disable CS0649 // Never set, for the same reason.
#pragma warning disable CA1852 // The kinds of use matter here, not the design.

namespace Dht.Engine.Tests.Architecture;

/// <summary>
/// Read by <see cref="LayerTests"/>: each nested type stands for a part of a house, and <see cref="User"/> uses each of
/// them in one way only.
/// </summary>
internal static class LayerFixture
{
    private interface IFace;

    private class Base;

    private struct InField;

    private struct InParameter;

    private struct InReturn;

    private struct InLocal
    {
        public int Value;
    }

    private static class InCall
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Call()
        {
        }
    }

    private static class InStaticField
    {
        public static int Value = 3;
    }

    private class InArgument;

    private class InMethodArgument;

    private class InArray;

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class InAttributeAttribute(Type type) : Attribute
    {
        public Type Type { get; } = type;
    }

    private class InAttributeValue;

    private interface InConstraint;

    private sealed class InCatch : Exception;

    private struct InPointer;

    private class InTypeOf;

    private static class InLambda
    {
        public static int Value => 4;
    }

    private sealed class User : Base, IFace
    {
        public InField Field;
        public List<InArgument>? List;
        public InArray[]? Array;

        public static int Parameter(InParameter parameter) => parameter.GetHashCode();

        public static InReturn Return() => default;

        [MethodImpl(MethodImplOptions.NoOptimization)]
        public static int Local(int value)
        {
            InLocal local;
            local.Value = value;
            return local.Value + Untouched(ref local.Value);
        }

        public static void Calls()
        {
            InCall.Call();
            InStaticField.Value++;
            _ = System.Array.Empty<InMethodArgument>();
        }

        [InAttribute(typeof(InAttributeValue))]
        public static void Attributed()
        {
        }

        public static void Constrained<T>()
            where T : InConstraint
        {
        }

        public static void Catches()
        {
            try
            {
                Calls();
            }
            catch (InCatch)
            {
            }
        }

        public static unsafe void Pointer(InPointer* pointer) => _ = pointer;

        public static Type Token() => typeof(InTypeOf);

        public static Func<int> Lambda() => static () => InLambda.Value;

        private static int Untouched(ref int value) => value;
    }
}
