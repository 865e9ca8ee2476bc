using System;
using System.IO;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ExchangeLb.Verbs.Status;

/// <summary>Standard output: colours only on a terminal, and not with NO_COLOR (no-color.org).</summary>
internal static class Terminal
{
    /// <summary>What a pager, a mail or a log is read at.</summary>
    private const int WidthOfAFile = 80;

    public static IAnsiConsole Open()
    {
        bool plain = Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        console.Profile.Width = plain ? WidthOfAFile : console.Profile.Width;
        return console;
    }

    /// <summary>Where the output is no terminal, without the blanks that fill up lines.</summary>
    public static void Write(IAnsiConsole console, IRenderable view)
    {
        if (console.Profile.Capabilities.Ansi)
        {
            console.Write(view);
            return;
        }
        foreach (string line in Render(console, view).TrimEnd('\n').Split('\n'))
        {
            Console.Out.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>
    /// Over what is there, line by line, so that nothing flickers; what does not fit below is cut off. Where the output is no terminal: below it.
    /// </summary>
    public static void Redraw(IAnsiConsole console, IRenderable view)
    {
        if (!console.Profile.Capabilities.Ansi)
        {
            Write(console, view);
            Console.Out.WriteLine();
            return;
        }
        StringBuilder frame = new("\u001b[H");
        string[] lines = Render(console, view).TrimEnd('\n').Split('\n');
        int rows = Math.Min(lines.Length, Math.Max(1, console.Profile.Height - 1));
        foreach (string line in lines.AsSpan(0, rows))
        {
            frame.Append(line).Append("\u001b[0m\u001b[K\n");
        }
        Console.Out.Write(frame.Append("\u001b[J"));
    }

    private static string Render(IAnsiConsole like, IRenderable view)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = like.Profile.Capabilities.Ansi ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = (ColorSystemSupport)like.Profile.Capabilities.ColorSystem,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = like.Profile.Width;
        console.Profile.Capabilities.Unicode = like.Profile.Capabilities.Unicode;
        console.Write(view);
        return text.ToString();
    }
}
