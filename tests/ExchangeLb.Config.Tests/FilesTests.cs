using System;
using System.IO;
using System.Linq;
using ExchangeLb.Core.Model;
using ExchangeLb.Core.Text;
using Xunit;

namespace ExchangeLb.Config.Tests;

/// <summary>Several `-f`, and a directory in place of a file.</summary>
public sealed class FilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchangelb-config-").FullName;
    private readonly DiagnosticList _diagnostics = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Defaults_of_one_file_hold_for_the_sections_of_the_next()
    {
        string first = Write("first", "defaults\n timeout client 7s\n");
        string second = Write("second", "frontend f\n bind 127.0.0.1:1\n");

        LoadBalancerModel? model = Read(first, second);

        Assert.Equal(TimeSpan.FromSeconds(7), model!.Proxies.Single().Frontend!.ClientTimeout);
    }

    [Fact]
    public void A_section_ends_with_its_file()
    {
        string first = Write("first", "frontend f\n");
        string second = Write("second", " bind 127.0.0.1:1\n");

        Assert.Null(Read(first, second));

        Assert.Contains(_diagnostics.Items, item => item.Place == new SourcePlace(second, 1) && item.Message.Contains("outside of any section", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_stands_for_its_cfg_files_sorted_by_name()
    {
        Write("20-b.cfg", "backend b\n");
        Write("10-a.cfg", "backend a\n");
        Write(".hidden.cfg", "wrong\n");
        Write("README", "wrong\n");

        LoadBalancerModel? model = Read(_folder);

        Assert.Equal(["a", "b"], model!.Proxies.Select(proxy => proxy.Name));
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_alert_and_the_others_are_read()
    {
        string missing = Path.Combine(_folder, "missing");
        string wrong = Write("wrong", "wrong\n");

        Assert.Null(Read(missing, wrong));

        Assert.Equal([missing, wrong], _diagnostics.Items.Select(item => item.Place!.Value.File));
    }

    private LoadBalancerModel? Read(params string[] paths) => ConfigurationReader.Read(paths, Reading.Hermetic, _diagnostics);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
