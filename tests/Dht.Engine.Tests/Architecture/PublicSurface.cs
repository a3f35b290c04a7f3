using System.Reflection;
using System.Runtime.CompilerServices;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Renders what a user of an assembly can see: one line a member, sorted.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    /// <summary>The lines of all public types of <paramref name="assembly"/>.</summary>
    public static string[] Render(Assembly assembly) => Render(assembly.GetExportedTypes());

    /// <summary>The lines of some types.</summary>
    public static string[] Render(params Type[] types) => [.. types.SelectMany(Lines).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(Type type)
    {
        string name = TypeNames.Full(type);

        // "is" after a space: the line of the type sorts before those of its members.
        yield return $"{name} is {Kind(type)}{Heritage(type)}{TypeNames.Constraints(TypeNames.OwnArguments(type))}";
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            yield break;
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(f => IsVisible(f) && !f.IsSpecialName))
        {
            yield return $"{name}.{Field(field)}";
        }

        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];
            if (accessors.Length > 0)
            {
                yield return $"{name}.{Property(property, accessors)}";
            }
        }

        foreach (EventInfo @event in type.GetEvents(Declared).Where(e => IsVisible(e.AddMethod!)))
        {
            string handler = TypeNames.Short(@event.EventHandlerType!);
            yield return $"{name}.{Modifiers(@event.AddMethod!)}event {@event.Name}: {handler}";
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(c => IsVisible(c) && !c.IsStatic))
        {
            yield return $"{name}.{(constructor.IsPublic ? "" : "protected ")}new{Parameters(constructor)}";
        }

        foreach (MethodInfo method in type.GetMethods(Declared)
            .Where(m => IsVisible(m) && !IsAccessor(m) && !IsCompilers(m)))
        {
            yield return $"{name}.{Signature(method)}";
        }
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum)
        {
            return $"enum {TypeNames.Short(type.GetEnumUnderlyingType())}";
        }

        if (type.IsValueType)
        {
            string readOnly = type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "";
            return readOnly + (type.IsByRefLike ? "ref struct" : "struct");
        }

        return type.IsInterface ? "interface"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate " + Call(type.GetMethod("Invoke")!)
            : (type.IsAbstract, type.IsSealed) switch
            {
                (true, true) => "static class",
                (true, false) => "abstract class",
                (false, true) => "sealed class",
                _ => "class",
            };
    }

    private static string Heritage(Type type)
    {
        if (type.IsEnum || typeof(Delegate).IsAssignableFrom(type))
        {
            return "";
        }

        var parents = type.GetInterfaces()
            .Where(i => i.IsVisible)
            .Select(TypeNames.Short)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            parents.Insert(0, TypeNames.Short(parent));
        }

        return parents.Count == 0 ? "" : " of " + string.Join(", ", parents);
    }

    private static string Field(FieldInfo field)
    {
        if (field.IsLiteral)
        {
            object? value = field.GetRawConstantValue();
            string type = field.DeclaringType!.IsEnum ? "" : $": {TypeNames.Short(field.FieldType)}";
            return $"const {field.Name}{type} = {TypeNames.Constant(value)}";
        }

        string modifiers = (field.IsPublic ? "" : "protected ")
            + (field.IsStatic ? "static " : "")
            + (field.IsInitOnly ? "readonly " : "");
        return $"{modifiers}{field.Name}: {TypeNames.Annotated(field)}";
    }

    private static string Property(PropertyInfo property, MethodInfo[] accessors)
    {
        string modifiers = Modifiers(accessors.FirstOrDefault(a => a.IsPublic) ?? accessors[0]);
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string verbs = string.Join(' ', accessors
            .Select(a => (a.IsPublic || accessors.All(other => !other.IsPublic) ? "" : "protected ") + Verb(a))
            .Order(StringComparer.Ordinal));
        return $"{modifiers}{required}{name}: {TypeNames.Annotated(property)} {{ {verbs} }}";
    }

    private static string Verb(MethodInfo accessor) => accessor.Name.Contains("get_", StringComparison.Ordinal) ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    private static string Signature(MethodInfo method)
    {
        Type[] generics = method.GetGenericArguments();
        string arguments = generics.Length == 0 ? "" : $"<{string.Join(", ", generics.Select(g => g.Name))}>";
        return $"{Modifiers(method)}{method.Name}{arguments}{Call(method)}{TypeNames.Constraints(generics)}";
    }

    private static string Call(MethodInfo method) =>
        $"{Parameters(method)} -> {TypeNames.Annotated(method.ReturnParameter)}";

    private static string Modifiers(MethodBase method)
    {
        string access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
        {
            return access + (method.IsAbstract ? "static abstract " : "static ");
        }

        if (method.DeclaringType!.IsInterface)
        {
            return access + (method.IsAbstract ? "" : "default ");
        }

        bool isOverride = method is MethodInfo info && info.GetBaseDefinition().DeclaringType != method.DeclaringType;
        return access + (method.IsAbstract ? "abstract "
            : isOverride ? "override "
            : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "");
    }

    private static string Parameters(MethodBase method) =>
        $"({string.Join(", ", method.GetParameters().Select(Parameter))})";

    private static string Parameter(ParameterInfo parameter)
    {
        string way = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) => "params ",
            _ => "",
        };
        string fallback = parameter.HasDefaultValue ? $" = {TypeNames.Constant(parameter.RawDefaultValue)}" : "";
        return $"{way}{TypeNames.Annotated(parameter)} {parameter.Name}{fallback}";
    }

    // Protected members of a sealed type are nobody's.
    private static bool IsVisible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsVisible(FieldInfo field) =>
        field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && !field.DeclaringType!.IsSealed);

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsCompilers(MethodInfo method) => method.Name.Contains('<', StringComparison.Ordinal);
}
