using System.Reflection;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Documents name test classes without their namespaces, so each name is there once.</summary>
public sealed class TestClassTests
{
    [Fact]
    public void ATestClass_HasItsNameAlone()
    {
        string[] twice =
        [
            .. typeof(TestClassTests).Assembly.GetTypes()
                .Where(static type => type is { IsPublic: true, IsAbstract: false })
                .Where(static type => type.GetMethods()
                    .Any(static method => method.GetCustomAttribute<FactAttribute>() != null))
                .GroupBy(static type => type.Name).Where(static group => group.Count() > 1)
                .Select(static group => group.Key),
        ];
        Assert.True(twice.Length == 0, string.Join(", ", twice));
    }
}
