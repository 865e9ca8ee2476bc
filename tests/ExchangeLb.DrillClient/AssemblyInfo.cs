using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("ExchangeLb.Lab.Tests")]
