<?php
// Oracle: composer/semver's Comparator over VersionParser::normalize. Reads a<TAB>b lines, writes one of < = > ! a line:
// ! for a version that cannot be normalised, and for two branches, which are in no order.
// Run with the autoload file of composer/semver as the first argument.
require $argv[1];
use Composer\Semver\Comparator;
use Composer\Semver\VersionParser;

if (($argv[2] ?? '') === '--version') {
    echo 'composer/semver ', $argv[3] ?? '', ', PHP ', PHP_VERSION, "\n";
    exit;
}
$parser = new VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n"));
    try {
        $a = $parser->normalize($a);
        $b = $parser->normalize($b);
    } catch (UnexpectedValueException $e) {
        echo "!\n";
        continue;
    }
    $signs = array_keys(array_filter([
        '<' => Comparator::lessThan($a, $b),
        '=' => Comparator::equalTo($a, $b),
        '>' => Comparator::greaterThan($a, $b),
    ]));
    echo count($signs) === 1 ? $signs[0] : '!', "\n";
}
