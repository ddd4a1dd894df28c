#!/bin/sh
# Oracle: rpm's own version objects (rpm.ver, as rpmverCmp). Reads a<TAB>b lines, writes one of < = > ! a line.
if [ "$1" = --version ]; then
    echo "rpm.ver of $(rpm --version | sed 's/RPM version/rpm/')"
    exit
fi
pairs=$(mktemp) && trap 'rm -f "$pairs"' EXIT && cat > "$pairs"
PAIRS=$pairs rpm --eval '%{lua:
for line in io.lines(os.getenv("PAIRS")) do
    local a, b = string.match(line, "^(.-)\t(.*)$")
    local ok, x, y = pcall(function() return rpm.ver(a), rpm.ver(b) end)
    if not ok or x == nil or y == nil then print("!\n")
    elseif x == y then print("=\n")
    elseif x < y then print("<\n")
    else print(">\n") end
end
}' | grep .
