# Draws what becomes of established connections through a failover as SVG: a panel for each balancer, over time those that work, and those that are dead
# although their client was not told.
#
#   awk -f alive.awk TITLE=... a.csv TITLE=... b.csv      the logs of ExchangeLb.DrillClient --streams: kind,fate,progress_ms,end_ms

function x(ms) { return 70 + (ms - FROM) * 880 / (TO - FROM) }
function y(count) { return top + 150 - count * 140 / all }
function text(px, py, class, words) { printf "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", px, py, class, words }
function line(x1, y1, x2, y2, class) { printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class }

BEGIN {
    FS = ","; FROM = -500; TO = 5000; STEP = 10
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 980 460\" font-family=\"sans-serif\" font-size=\"13\">"
    print "<style>.grid{stroke:#ddd}.fault{stroke:#b00020;stroke-width:1.5}.works{fill:#1a7f37;opacity:.75}.untold{fill:#b00020;opacity:.45}" \
          ".small{fill:#555;font-size:11px}.head{font-weight:bold}</style>"
    print "<rect width=\"980\" height=\"460\" fill=\"white\"/>"
}

FNR == 1 { if (all) draw(); panel++; all = 0; title = TITLE; next }

# One that lived works all the time; one that did not, until something last came. It is known to be dead at its end.
{
    worked[++all] = $2 == "Lived" ? 1e9 : $3
    told[all] = $2 == "Lived" ? 1e9 : $4
}

function works(ms, i, n) { for (i = 1; i <= all; i++) n += ms < 0 || worked[i] > ms; return n + 0 }
function open_at(ms, i, n) { for (i = 1; i <= all; i++) n += ms < 0 || told[i] > ms; return n + 0 }

# area WHICH CLASS   0: all that are open; 1: those that work, in front of them.
function area(which, class, ms, n, path) {
    path = sprintf("M%.1f %.1f", x(FROM), y(0))
    for (ms = FROM; ms <= TO; ms += STEP) { n = which ? works(ms) : open_at(ms); path = path sprintf(" L%.1f %.1f", x(ms), y(n)) }
    printf "<path class=\"%s\" d=\"%s L%.1f %.1f Z\"/>\n", class, path, x(TO), y(0)
}

function draw(ms, count) {
    top = 30 + (panel - 1) * 205
    text(70, top - 10, "head", title)
    for (ms = FROM; ms <= TO; ms += 500) { line(x(ms), top, x(ms), top + 150, "grid"); if (panel == 2) text(x(ms) - 8, top + 168, "small", ms / 1000 " s") }
    for (count = 0; count <= all; count += 50) { line(70, y(count), 950, y(count), "grid"); text(38, y(count) + 4, "small", count) }
    area(0, "untold"); area(1, "works")
    line(x(0), top, x(0), top + 150, "fault")
}

END {
    draw()
    text(70, 428, "small", "Established connections of ten kinds, from long polls to downloads. Green: they work. Red: dead, but their client was not told, and waits.")
    text(70, 444, "small", "Red line: the owner's host is gone, networks and processes. What works afterwards was quiet when it died; the others are reset by the new owner.")
    print "</svg>"
}
