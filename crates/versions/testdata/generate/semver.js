// Oracle: node-semver, loose. Reads a<TAB>b lines, writes one of < = > ! (invalid) a line.
// Run with NODE_PATH naming the folder that holds the module.
const semver = require("semver");
if (process.argv[2] === "--version") {
  console.log("node-semver (loose), " + require("semver/package.json").version);
} else {
  const lines = require("fs").readFileSync(0, "utf8").split("\n");
  for (const line of lines.slice(0, -1)) {
    const [a, b] = line.split("\t").map((v) => semver.parse(v, { loose: true }));
    console.log(a && b ? "<=>"[a.compare(b) + 1] : "!");
  }
}
