using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace ExchangeLb.Linux.Nftables;

/// <summary>A started `nft -f -` for every transaction, where there is no library: 3-4 ms each.</summary>
public sealed class NftProcess : INftables
{
    private const int LimitMs = 2000;

    /// <summary>Null: there is no nft on the path.</summary>
    public static NftProcess? TryOpen()
    {
        NftProcess process = new();
        return process.Run("").Ok ? process : null;
    }

    public NftOutcome Run(string commands)
    {
        try
        {
            using System.Diagnostics.Process nft = System.Diagnostics.Process.Start(new ProcessStartInfo("nft", ["-f", "-"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = nft.StandardOutput.ReadToEndAsync();
            Task<string> errors = nft.StandardError.ReadToEndAsync();
            nft.StandardInput.Write(commands);
            nft.StandardInput.Close();
            if (!nft.WaitForExit(LimitMs))
            {
                nft.Kill();
                return new NftOutcome(false, $"nft did not end within {LimitMs} ms");
            }
            return nft.ExitCode == 0 ? new NftOutcome(true, output.Result) : new NftOutcome(false, errors.Result);
        }
        catch (Win32Exception failure)
        {
            return new NftOutcome(false, $"nft cannot be started: {failure.Message}");
        }
        catch (IOException failure)
        {
            return new NftOutcome(false, $"nft ended before it had read its commands: {failure.Message}");
        }
    }

    public void Dispose()
    {
    }
}
