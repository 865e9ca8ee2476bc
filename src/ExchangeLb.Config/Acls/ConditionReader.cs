using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using ExchangeLb.Config.Keywords;
using ExchangeLb.Config.Proxies;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Acls;

/// <summary>`if|unless [!]acl … [or …]`, anonymous tests between braces (configuration.txt, 7.2).</summary>
internal static class ConditionReader
{
    /// <summary>
    /// ACLs that need not be declared (configuration.txt, 7.4); those about HTTP or about received data are known by name only.
    /// </summary>
    private static readonly Dictionary<string, AclTestModel> Predefined = new(System.StringComparer.Ordinal)
    {
        ["TRUE"] = new ConstantTestModel(true),
        ["FALSE"] = new ConstantTestModel(false),
        ["LOCALHOST"] = new AddressTestModel(ConnectionSide.Source,
            [new(IPAddress.Parse("127.0.0.0"), 8), new(IPAddress.IPv6Loopback, 128)]),
    };

    private static readonly string[] KnownPredefined =
    [
        "HTTP", "HTTP_1.0", "HTTP_1.1", "HTTP_2.0", "HTTP_CONTENT", "HTTP_URL_ABS", "HTTP_URL_SLASH", "HTTP_URL_STAR", "METH_CONNECT",
        "METH_DELETE", "METH_GET", "METH_HEAD", "METH_OPTIONS", "METH_POST", "METH_PUT", "METH_TRACE", "RDP_COOKIE", "REQ_CONTENT",
        "WAIT_END",
    ];

    /// <summary>Reads the rest of the line. False after an alert; a null condition always holds (nothing was written).</summary>
    public static bool TryRead(ProxyDraft proxy, Arguments arguments, out ConditionModel? condition)
    {
        condition = null;
        if (!arguments.HasMore)
        {
            return true;
        }
        string opening = arguments.Take();
        if (opening is not ("if" or "unless"))
        {
            arguments.Alert($"has '{opening}' where only 'if' or 'unless' may follow", "remove it, or write a condition");
            return false;
        }
        if (ReadTerms(proxy, arguments) is not { } anyOf)
        {
            return false;
        }
        condition = new(opening == "unless", anyOf);
        return true;
    }

    private static ImmutableArray<ImmutableArray<ConditionTermModel>>? ReadTerms(ProxyDraft proxy, Arguments arguments)
    {
        List<List<ConditionTermModel>> anyOf = [];
        bool newConjunction = true;
        bool negated = false;
        while (arguments.HasMore)
        {
            string word = arguments.Take();
            while (word.StartsWith('!'))
            {
                negated = !negated;
                word = word[1..];
            }
            if (word.Length == 0)
            {
                continue;
            }
            if (word is "or" or "||")
            {
                (newConjunction, negated) = (true, false);
                continue;
            }
            if ((word == "{" ? ReadAnonymous(proxy, arguments) : FindNamed(proxy, word, arguments)) is not { } tests)
            {
                return null;
            }
            if (newConjunction)
            {
                anyOf.Add([]);
            }
            anyOf[^1].Add(new(negated, tests));
            (newConjunction, negated) = (false, false);
        }
        return [.. anyOf.Select(terms => terms.ToImmutableArray())];
    }

    private static ImmutableArray<AclTestModel>? ReadAnonymous(ProxyDraft proxy, Arguments arguments)
    {
        List<string> words = [];
        while (arguments.HasMore && arguments.Peek != "}")
        {
            words.Add(arguments.Take());
        }
        if (!arguments.TakeIf("}"))
        {
            arguments.Alert("has '{' without '}'", "close the anonymous test by ' }', with a space before it");
            return null;
        }
        return AclTestReader.Read(proxy, words, arguments) is { } test ? [test] : null;
    }

    private static ImmutableArray<AclTestModel>? FindNamed(ProxyDraft proxy, string name, Arguments arguments)
    {
        if (proxy.Acls.TryGetValue(name, out ImmutableArray<AclTestModel> tests))
        {
            return tests;
        }
        if (Predefined.TryGetValue(name, out AclTestModel? predefined))
        {
            return [predefined];
        }
        if (KnownPredefined.Contains(name))
        {
            arguments.Alert($"uses the ACL '{name}', which is known, but not supported",
                "it needs data or HTTP; choose by address, port or nbsrv");
        }
        else if (!proxy.RefusedAcls.Contains(name))
        {
            arguments.Alert($"uses the ACL '{name}', which is not declared above",
                NearestWord.Find(name, proxy.Acls.Keys.Concat(Predefined.Keys)) is { } nearest
                    ? $"did you mean '{nearest}'?" : "declare it by an 'acl' line before its use");
        }
        return null;
    }
}
