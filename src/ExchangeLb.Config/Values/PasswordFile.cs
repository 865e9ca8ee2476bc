using System;
using System.Globalization;
using System.IO;

namespace ExchangeLb.Config.Values;

/// <summary>Looks a name up in /etc/passwd or /etc/group (passwd(5), group(5)): its number is the third field of either.</summary>
internal static class PasswordFile
{
    public static int? Find(string file, string name)
    {
        try
        {
            foreach (string line in File.ReadLines(file))
            {
                string[] fields = line.Split(':');
                if (fields.Length > 2 && fields[0] == name
                    && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                {
                    return id;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        return null;
    }
}
