using System;
using Xunit;

namespace ExchangeLb.Lab.Tests;

/// <summary>As <see cref="LabFactAttribute"/>, with data.</summary>
public sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute() => Skip = new LabFactAttribute().Skip;
}
