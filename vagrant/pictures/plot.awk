# Draws what a client saw of a failover as SVG: a panel for each balancer, a mark for each connection attempt.
#
#   awk -f plot.awk TITLE=... FAULT=MS OUTAGE=MS a.csv TITLE=... FAULT=MS OUTAGE=MS b.csv      the logs of ExchangeLb.DrillClient

function x(ms) { return 70 + (ms - FROM) * 880 / (TO - FROM) }
function y(ms) { return top + 150 - (ms > 1200 ? 1200 : ms) * 130 / 1200 }
function text(px, py, class, words) { printf "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", px, py, class, words }
function line(x1, y1, x2, y2, class) { printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class }

BEGIN {
    FS = ","; FROM = -500; TO = 4500
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 980 460\" font-family=\"sans-serif\" font-size=\"13\">"
    print "<style>.grid{stroke:#ddd}.fault{stroke:#b00020;stroke-width:1.5}.served{fill:#1a7f37}.lost{stroke:#b00020;stroke-width:1}" \
          ".small{fill:#555;font-size:11px}.head{font-weight:bold}.dark{fill:#b00020;opacity:.08}</style>"
    print "<rect width=\"980\" height=\"460\" fill=\"white\"/>"
}

FNR == 1 {
    panel++
    top = 30 + (panel - 1) * 205
    printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"150\" class=\"dark\"/>\n", x(0), top, x(OUTAGE) - x(0)
    text(70, top - 10, "head", TITLE)
    for (ms = FROM; ms <= TO; ms += 500) { line(x(ms), top, x(ms), top + 150, "grid"); if (panel == 2) text(x(ms) - 8, top + 168, "small", ms / 1000 " s") }
    for (ms = 0; ms <= 1000; ms += 500) { line(70, y(ms), 950, y(ms), "grid"); text(18, y(ms) + 4, "small", ms " ms") }
    line(x(0), top, x(0), top + 150, "fault")
    next
}

{
    start = $1 / 1000 - FAULT
    if (start < FROM || start > TO) next
    if ($5 == "Served") printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.7\" class=\"served\"/>\n", x(start), y(($4 - $1) / 1000)
    else line(x(start), top + 140, x(start), top + 150, "lost")
}

END {
    text(70, 428, "small", "A client opens a new TLS connection through the virtual IP every 10 ms. Green: how long it took until the answer, at the time at which it began.")
    text(70, 444, "small", "Red: refused, broken, or given up. Red line: the owner's host is gone, networks and processes. Shaded: no new connection was completed.")
    print "</svg>"
}
