using System;
using System.Collections;
using System.Linq;
using System.Net;
using System.Text;
using ExchangeLb.Core.Model;

namespace ExchangeLb.Config.Tests;

/// <summary>
/// A model as text for the .expected files: one property a line, those with their default value left out, places left out. It goes by
/// reflection, so that a property added to the model shows up in the files by itself.
/// </summary>
internal static class ModelText
{
    public static string Of(LoadBalancerModel model)
    {
        StringBuilder text = new();
        Append(text, "global", model.Global, new GlobalModel(), 0);
        foreach (ProxyModel proxy in model.Proxies)
        {
            Append(text, "proxy", proxy, null, 0);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, object? value, object? usual, int depth)
    {
        string indent = new(' ', depth * 2);
        switch (value)
        {
            case null or SourcePlace:
                break;
            case string or ValueType and not SourcePlace when value is not IEnumerable || value is string or IPNetwork:
                text.Append($"{indent}{name} {value}\n");
                break;
            case IPAddress or IPEndPoint:
                text.Append($"{indent}{name} {value}\n");
                break;
            case IEnumerable items:
                foreach (object item in items)
                {
                    Append(text, name, item, null, depth);
                }
                break;
            default:
                AppendRecord(text, name, value, usual, depth);
                break;
        }
    }

    private static void AppendRecord(StringBuilder text, string name, object value, object? usual, int depth)
    {
        usual ??= Usual(value);
        text.Append($"{new string(' ', depth * 2)}{name} {value.GetType().Name}\n");
        foreach (System.Reflection.PropertyInfo property in value.GetType().GetProperties().OrderBy(property => property.MetadataToken))
        {
            object? mine = property.GetValue(value);
            if (property.GetIndexParameters().Length == 0 && !Equals(mine, usual is null ? null : property.GetValue(usual)))
            {
                Append(text, property.Name, mine, null, depth + 1);
            }
        }
    }

    /// <summary>What the record would be if nothing had been written.</summary>
    private static object? Usual(object value) => value switch
    {
        FrontendModel => new FrontendModel(-1, ""),
        BackendModel => new BackendModel(-1, ""),
        ServerModel => new ServerModel(-1, "", IPAddress.None, default),
        BindModel => new BindModel(default),
        StatsPageModel => new StatsPageModel(),
        LogTargetModel log => new LogTargetModel(log.Kind, default) { Facility = -1 },
        _ => null,
    };
}
