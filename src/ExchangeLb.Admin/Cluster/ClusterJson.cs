using System;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ExchangeLb.Core.Runtime;

namespace ExchangeLb.Admin.Cluster;

/// <summary>
/// A whole <see cref="ClusterSnapshot"/> as JSON and back. Names are those of the snapshot, in camel case; a time is a number of milliseconds and
/// its name ends in `Ms`. Only extended: a reader skips what it does not know, and takes the snapshot's defaults for what is missing.
/// </summary>
public static class ClusterJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new MillisecondsConverter(), new JsonStringEnumConverter<VipRole>() },
        TypeInfoResolver = ClusterJsonContext.Default.WithAddedModifier(NameTimesByTheirUnit),
    };

    public static byte[] Write(ClusterSnapshot cluster) => JsonSerializer.SerializeToUtf8Bytes(cluster, Type());

    /// <summary>Null: it is no such JSON.</summary>
    public static ClusterSnapshot? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            if (JsonNode.Parse(json) is not JsonObject cluster)
            {
                return null;
            }
            Complete(cluster, new ClusterSnapshot());
            CompleteEach(cluster["nodes"], new ClusterSnapshot { Nodes = [new ClusterNodeSnapshot("", 0)] }, "nodes");
            CompleteEach(cluster["vips"], new ClusterSnapshot { Vips = [new VipSnapshot("", "")] }, "vips");
            return cluster.Deserialize(Type());
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonTypeInfo<ClusterSnapshot> Type() => (JsonTypeInfo<ClusterSnapshot>)Options.GetTypeInfo(typeof(ClusterSnapshot));

    /// <summary>Made code sets what is missing to nothing at all, not to what the snapshot's own text says (null in place of an empty list).</summary>
    private static void Complete(JsonObject cluster, ClusterSnapshot usual) => Complete(cluster, (JsonObject)JsonSerializer.SerializeToNode(usual, Type())!);

    private static void CompleteEach(JsonNode? list, ClusterSnapshot usual, string name)
    {
        var element = (JsonObject)JsonSerializer.SerializeToNode(usual, Type())![name]![0]!;
        foreach (JsonObject given in (list as JsonArray ?? []).OfType<JsonObject>())
        {
            Complete(given, element);
        }
    }

    private static void Complete(JsonObject given, JsonObject usual)
    {
        foreach ((string name, JsonNode? value) in usual)
        {
            if (given[name] is null)
            {
                given[name] = value?.DeepClone();
            }
            else if (given[name] is JsonObject inner && value is JsonObject usualInner)
            {
                Complete(inner, usualInner);
            }
        }
    }

    private static void NameTimesByTheirUnit(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            property.Name += property.PropertyType == typeof(TimeSpan) || property.PropertyType == typeof(TimeSpan?) ? "Ms" : "";
        }
    }
}

/// <summary>Made by the compiler: a trimmed program has no reflection to do it at run time.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ClusterSnapshot))]
internal sealed partial class ClusterJsonContext : JsonSerializerContext;

/// <summary>A number with at most three decimals.</summary>
internal sealed class MillisecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        double milliseconds = reader.GetDouble();
        return Math.Abs(milliseconds) < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(Math.Round(value.TotalMilliseconds, 3));
}
