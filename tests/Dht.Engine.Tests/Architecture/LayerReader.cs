using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dht.Engine.Tests.Architecture;

/// <summary>
/// Lists every use that the types of a module make of each other, from declarations and from instructions.
/// </summary>
internal sealed class LayerReader
{
    private readonly HashSet<(string From, string To, string Where)> _uses = [];

    private readonly Func<TypeReference, string?> _partOf;
    private string _from = "";
    private string _where = "";

    private LayerReader(Func<TypeReference, string?> partOf) => _partOf = partOf;

    /// <summary>All pairs of parts of the library with the member that makes the use.</summary>
    public static IReadOnlyCollection<(string From, string To, string Where)> Read(ModuleDefinition module) =>
        Read(module, type => Floors.PartOf(NamespaceOf(type)));

    /// <summary>
    /// The same by another division; a type that <paramref name="partOf"/> says null of is of no interest.
    /// </summary>
    public static IReadOnlyCollection<(string From, string To, string Where)> Read(
        ModuleDefinition module, Func<TypeReference, string?> partOf)
    {
        var reader = new LayerReader(partOf);
        foreach (TypeDefinition type in module.GetTypes())
        {
            if (partOf(type) is { } part)
            {
                reader._from = part;
                reader.ReadType(type);
            }
        }

        return reader._uses;
    }

    /// <summary>The uses that the house does not allow, one line each.</summary>
    public static string[] Violations(ModuleDefinition module, Floors floors) => [.. Read(module)
        .Where(use => !floors.Knows(use.From) || !floors.Knows(use.To) || !floors.Allows(use.From, use.To))
        .Select(use => $"{Show(use.From)} -> {Show(use.To)} in {use.Where}")
        .Order(StringComparer.Ordinal)];

    private static string Show(string part) => part.Length == 0 ? "the roof" : part;

    private static string NamespaceOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.Namespace;
    }

    private void ReadType(TypeDefinition type)
    {
        _where = type.FullName;

        // A type belongs to its own part: that alone makes an unknown part show up.
        Use(type);
        Use(type.BaseType);
        Attributes(type);
        Generics(type);
        foreach (InterfaceImplementation implemented in type.Interfaces)
        {
            Use(implemented.InterfaceType);
            Attributes(implemented);
        }

        foreach (FieldDefinition field in type.Fields)
        {
            _where = field.FullName;
            Use(field.FieldType);
            Attributes(field);
        }

        foreach (PropertyDefinition property in type.Properties)
        {
            _where = property.FullName;
            Use(property.PropertyType);
            Attributes(property);
        }

        foreach (EventDefinition @event in type.Events)
        {
            _where = @event.FullName;
            Use(@event.EventType);
            Attributes(@event);
        }

        foreach (MethodDefinition method in type.Methods)
        {
            _where = method.FullName;
            ReadMethod(method);
        }
    }

    private void ReadMethod(MethodDefinition method)
    {
        Attributes(method);
        Generics(method);
        Signature(method);
        Attributes(method.MethodReturnType);
        foreach (ParameterDefinition parameter in method.Parameters)
        {
            Attributes(parameter);
        }

        foreach (MethodReference overridden in method.Overrides)
        {
            Method(overridden);
        }

        if (!method.HasBody)
        {
            return;
        }

        foreach (VariableDefinition local in method.Body.Variables)
        {
            Use(local.VariableType);
        }

        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            Use(handler.CatchType);
        }

        foreach (Instruction instruction in method.Body.Instructions)
        {
            Operand(instruction.Operand);
        }
    }

    private void Operand(object? operand)
    {
        switch (operand)
        {
            case TypeReference type:
                Use(type);
                break;
            case FieldReference field:
                Use(field.DeclaringType);
                Use(field.FieldType);
                break;
            case MethodReference method:
                Method(method);
                break;
            case CallSite site:
                Signature(site);
                break;
        }
    }

    private void Method(MethodReference method)
    {
        Use(method.DeclaringType);
        Signature(method);
        if (method is GenericInstanceMethod instance)
        {
            foreach (TypeReference argument in instance.GenericArguments)
            {
                Use(argument);
            }
        }
    }

    private void Signature(IMethodSignature signature)
    {
        Use(signature.ReturnType);
        foreach (ParameterDefinition parameter in signature.Parameters)
        {
            Use(parameter.ParameterType);
        }
    }

    private void Generics(IGenericParameterProvider owner)
    {
        foreach (GenericParameter parameter in owner.GenericParameters)
        {
            Attributes(parameter);
            foreach (GenericParameterConstraint constraint in parameter.Constraints)
            {
                Use(constraint.ConstraintType);
            }
        }
    }

    private void Attributes(ICustomAttributeProvider owner)
    {
        foreach (CustomAttribute attribute in owner.CustomAttributes)
        {
            Use(attribute.AttributeType);
            foreach (CustomAttributeArgument argument in attribute.ConstructorArguments
                .Concat(attribute.Properties.Concat(attribute.Fields).Select(named => named.Argument)))
            {
                Use(argument.Type);
                Use(argument.Value as TypeReference);
            }
        }
    }

    private void Use(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                foreach (TypeReference argument in generic.GenericArguments)
                {
                    Use(argument);
                }

                Use(generic.ElementType);
                return;
            case FunctionPointerType pointer:
                Signature(pointer);
                return;
            case IModifierType modified:
                Use(modified.ModifierType);
                Use(modified.ElementType);
                return;
            case TypeSpecification specification:
                Use(specification.ElementType);
                return;
        }

        if (_partOf(type) is { } part)
        {
            _uses.Add((_from, part, _where));
        }
    }
}
