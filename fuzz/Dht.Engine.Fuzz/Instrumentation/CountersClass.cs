using System.Runtime.InteropServices;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dht.Engine.Fuzz.Instrumentation;

/// <summary>
/// The class that is put into an instrumented copy: <c>static readonly nint First</c>, native memory taken when the
/// class is made. The compiler at run time folds such a field into a constant address.
/// </summary>
internal static class CountersClass
{
    /// <summary>The counters are scanned in whole blocks of this many.</summary>
    public const int Block = 32;

    /// <summary>The class with its field, not yet in the module.</summary>
    public static TypeDefinition Make(ModuleDefinition module)
    {
        int dot = InstrumentedCopy.CountersType.LastIndexOf('.');
        const TypeAttributes Attributes =
            TypeAttributes.Class | TypeAttributes.NotPublic | TypeAttributes.Abstract | TypeAttributes.Sealed
            | TypeAttributes.BeforeFieldInit;
        var type = new TypeDefinition(
            InstrumentedCopy.CountersType[..dot], InstrumentedCopy.CountersType[(dot + 1)..], Attributes,
            module.TypeSystem.Object);
        type.Fields.Add(new FieldDefinition(
            InstrumentedCopy.CountersField,
            FieldAttributes.Assembly | FieldAttributes.Static | FieldAttributes.InitOnly,
            module.TypeSystem.IntPtr));
        return type;
    }

    /// <summary>
    /// Writes the constructor that takes room for <paramref name="count"/> counters, rounded up to whole blocks.
    /// </summary>
    public static void SetCount(ModuleDefinition module, TypeDefinition type, int count)
    {
        var constructor = new MethodDefinition(
            ".cctor",
            MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig
                | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName,
            module.TypeSystem.Void);
        ILProcessor il = constructor.Body.GetILProcessor();
        il.Emit(OpCodes.Ldc_I4, (count + Block - 1) / Block * Block);
        il.Emit(OpCodes.Conv_U);
        il.Emit(
            OpCodes.Call,
            module.ImportReference(typeof(NativeMemory).GetMethod(nameof(NativeMemory.AllocZeroed), [typeof(nuint)])));
        il.Emit(OpCodes.Stsfld, type.Fields[0]);
        il.Emit(OpCodes.Ret);
        type.Methods.Add(constructor);
    }
}
