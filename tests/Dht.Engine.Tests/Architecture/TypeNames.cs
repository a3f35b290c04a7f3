using System.Globalization;
using System.Reflection;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Writes types the way C# does.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>With namespace and outer types.</summary>
    public static string Full(Type type) =>
        string.IsNullOrEmpty(type.Namespace) ? Short(type) : $"{type.Namespace}.{Short(type)}";

    /// <summary>Without namespace, generic arguments filled in.</summary>
    public static string Short(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (type.HasElementType)
        {
            string element = Short(type.GetElementType()!);
            return type.IsArray ? $"{element}[{new string(',', type.GetArrayRank() - 1)}]"
                : type.IsPointer ? element + "*" : element;
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Short(underlying) + "?";
        }

        Type[] arguments = OwnArguments(type);
        string outer = type.DeclaringType is null ? "" : Short(type.DeclaringType) + ".";
        string own = arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Short))}>";
        return outer + type.Name.Split('`')[0] + own;
    }

    /// <summary>
    /// A nested type repeats the generic arguments of the outer one; only those behind them are its own.
    /// </summary>
    public static Type[] OwnArguments(Type type) =>
        type.GetGenericArguments()[(type.DeclaringType?.GetGenericArguments().Length ?? 0)..];

    /// <summary>The type of a parameter or result, with a question mark where a reference may be null.</summary>
    public static string Annotated(ParameterInfo parameter)
    {
        bool isResult = parameter.Position < 0;
        string way = !isResult || !parameter.ParameterType.IsByRef ? ""
            : parameter.GetRequiredCustomModifiers().Length > 0 ? "ref readonly " : "ref ";
        return way + Annotated(parameter.ParameterType, () => new NullabilityInfoContext().Create(parameter));
    }

    /// <inheritdoc cref="Annotated(ParameterInfo)"/>
    public static string Annotated(PropertyInfo property) =>
        (property.PropertyType.IsByRef ? "ref " : "")
        + Annotated(property.PropertyType, () => new NullabilityInfoContext().Create(property));

    /// <inheritdoc cref="Annotated(ParameterInfo)"/>
    public static string Annotated(FieldInfo field) =>
        Annotated(field.FieldType, () => new NullabilityInfoContext().Create(field));

    /// <summary>The constraints of generic parameters, each as <c> where T : ...</c>.</summary>
    public static string Constraints(Type[] parameters) =>
        string.Concat(parameters.Where(p => p.IsGenericParameter).Select(Constraint));

    /// <summary>A constant or default value.</summary>
    public static string Constant(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Annotated(Type type, Func<NullabilityInfo> nullability)
    {
        Type bare = type.IsByRef ? type.GetElementType()! : type;
        if (bare.IsValueType || bare.IsPointer)
        {
            return Short(bare);
        }

        NullabilityInfo info = nullability();
        bool maybeNull = info.ReadState == NullabilityState.Nullable || info.WriteState == NullabilityState.Nullable;
        return Short(bare) + (maybeNull ? "?" : "");
    }

    private static string Constraint(Type parameter)
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var parts = new List<string>();
        if (isStruct)
        {
            parts.Add("struct");
        }

        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            parts.Add("class");
        }

        parts.AddRange(parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(Short));
        if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct)
        {
            parts.Add("new()");
        }

        if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike))
        {
            parts.Add("allows ref struct");
        }

        return parts.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", parts)}";
    }
}
