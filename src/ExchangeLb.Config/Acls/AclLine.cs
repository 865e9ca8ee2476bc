using System.Collections.Generic;
using System.Collections.Immutable;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Lexing;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Acls;

/// <summary>`acl name criterion [flags] [operator] [value …]` (configuration.txt, 7.1). Lines of one name add up.</summary>
internal static class AclLine
{
    public static void Read(ProxyDraft proxy, Arguments arguments)
    {
        if (proxy.IsAnonymousDefaults)
        {
            arguments.Alert("may not stand in a defaults section without a name", "write it into the frontend or backend that uses it");
            return;
        }
        string name = arguments.Take();
        if (!arguments.NameFits(name))
        {
            return;
        }
        arguments.Keyword = $"acl {name}";
        if (name.Length == 0 || SectionNames.FirstBadCharacter(name) is not null || name is "or" or "||")
        {
            arguments.Alert("has no valid name",
                "write: acl <name> <criterion> [<value>...], the name of letters, digits, '.', '_', '-' and ':'");
            return;
        }
        if (AclTestReader.Read(proxy, [.. arguments.TakeAll()], arguments) is not { } test)
        {
            proxy.RefusedAcls.Add(name);
            return;
        }
        ImmutableArray<AclTestModel> tests = proxy.Acls.GetValueOrDefault(name, []);
        if (tests.Length == ReaderLimits.TestsPerAcl)
        {
            arguments.Alert($"is one more than the {ReaderLimits.TestsPerAcl} lines that a name may have",
                "write the values into a file: -f <file>");
            return;
        }
        proxy.Acls[name] = tests.Add(test);
    }
}
