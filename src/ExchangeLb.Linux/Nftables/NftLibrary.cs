using System;
using System.Runtime.InteropServices;
using System.Text;
using ExchangeLb.Linux.Calls;

namespace ExchangeLb.Linux.Nftables;

/// <summary>
/// nft in this process: libnftables.so.1 (libnftables(3)) with text commands. A transaction of one element costs 50-100 us, a fiftieth of a
/// started nft. One context serves one thread.
/// </summary>
public sealed unsafe partial class NftLibrary : INftables
{
    private nint _context;

    private NftLibrary(nint context) => _context = context;

    /// <summary>Null: there is no such library on this host.</summary>
    public static NftLibrary? TryOpen()
    {
        if (!NativeLibrary.TryLoad(Name, typeof(NftLibrary).Assembly, null, out _))
        {
            return null;
        }
        LowDescriptors.LetGo();   // for the nfnetlink socket that the library opens
        nint context = nft_ctx_new(0);
        if (context == 0)
        {
            return null;
        }
        _ = nft_ctx_buffer_output(context);
        _ = nft_ctx_buffer_error(context);
        return new NftLibrary(context);
    }

    public NftOutcome Run(string commands)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        int length = Encoding.UTF8.GetByteCount(commands);
        Span<byte> text = length < 2048 ? stackalloc byte[length + 1] : new byte[length + 1];
        Encoding.UTF8.GetBytes(commands, text);
        text[length] = 0;
        fixed (byte* start = text)
        {
            bool ok = nft_run_cmd_from_buffer(_context, start) == 0;
            // Both buffers are emptied by being read; what is not wanted would be found by the next call.
            byte* output = nft_ctx_get_output_buffer(_context);
            byte* errors = nft_ctx_get_error_buffer(_context);
            byte* said = ok ? output : errors;
            return new NftOutcome(ok, *said == 0 ? "" : Marshal.PtrToStringUTF8((nint)said) ?? "");
        }
    }

    public void Dispose()
    {
        if (_context != 0)
        {
            nft_ctx_free(_context);
            _context = 0;
        }
    }

    private const string Name = "libnftables.so.1";

    [LibraryImport(Name)]
    private static partial nint nft_ctx_new(uint flags);

    [LibraryImport(Name)]
    private static partial void nft_ctx_free(nint context);

    [LibraryImport(Name)]
    private static partial int nft_ctx_buffer_output(nint context);

    [LibraryImport(Name)]
    private static partial int nft_ctx_buffer_error(nint context);

    [LibraryImport(Name)]
    private static partial byte* nft_ctx_get_output_buffer(nint context);

    [LibraryImport(Name)]
    private static partial byte* nft_ctx_get_error_buffer(nint context);

    [LibraryImport(Name)]
    private static partial int nft_run_cmd_from_buffer(nint context, byte* commands);
}
