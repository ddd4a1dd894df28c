#!/bin/sh
# Turns apk-tools' own test/version.data (`a < b` a line) into pairs. usage: version_data.sh < version.data > ../apk/version_data.tsv
echo "# apk-tools, test/version.data"
sed 's/[[:space:]]*#.*//' | awk 'NF == 3 { print $1 "\t" $2 "\t" $3 }'
