//! The script that is run on other people's servers does what its page says and nothing else. There is no PowerShell here to
//! run it, so its text is held to a list of commands and to the constructs of Constrained Language Mode
//! (<https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_language_modes>). Its grammar
//! was checked once with tree-sitter-powershell.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the file it is about, and a panic is how it fails"
)]

use std::collections::BTreeSet;

const SCRIPT: &str = "../../docs/guide/windows-collector.ps1";
const REFERENCE: &str = "../../docs/reference/windows-json.md";

/// Cmdlets that read; of those that write, the two that make the result.
const ALLOWED: &[&str] = &[
    "ConvertTo-Json",
    "ForEach-Object",
    "Get-ChildItem",
    "Get-CimInstance",
    "Get-Command",
    "Get-Date",
    "Get-HotFix",
    "Get-Item",
    "Get-ItemProperty",
    "Get-NetTCPConnection",
    "Get-NetUDPEndpoint",
    "Get-Process",
    "Get-WindowsFeature",
    "Join-Path",
    "Move-Item",
    "Select-Xml",
    "Set-Content",
    "Test-Path",
    "Where-Object",
    "Write-Output",
];

/// The types of the language that the script names.
const TYPES: &[&str] = &["string", "int", "bool", "CmdletBinding()"];

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The script without comments, and without text in quotes but for what is evaluated in it (`$(…)`).
fn code(script: &str) -> String {
    let mut code = String::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '<' if rest.starts_with("<#") => rest.find("#>").unwrap() + 2,
            '#' => rest.find('\n').unwrap(),
            '\'' => rest[1..].find('\'').unwrap() + 2,
            '"' => {
                let inner = &rest[1..=rest[1..].find('"').unwrap()];
                code.push('"');
                inner
                    .match_indices("$(")
                    .for_each(|(at, _)| code.push_str(evaluated(&inner[at..])));
                code.push('"');
                inner.len() + 2
            }
            c => {
                code.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[skipped..];
    }
    code
}

/// `$(…)` to its closing bracket.
fn evaluated(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if c == ')' && depth == 0 {
            return &text[..=at];
        }
    }
    text
}

/// Words of the form Verb-Noun that are no parameter, member or variable.
fn commands(code: &str) -> BTreeSet<&str> {
    let is_word =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$' | '.' | ':' | '[');
    code.split(|c: char| !is_word(c))
        .filter(|word| {
            word.split_once('-').is_some_and(|(verb, noun)| {
                verb.starts_with(|c: char| c.is_ascii_uppercase())
                    && noun.starts_with(|c: char| c.is_ascii_uppercase())
            })
        })
        .collect()
}

fn own_functions(code: &str) -> BTreeSet<&str> {
    let after = code.split("function ").skip(1);
    after
        .map(|rest| rest.split([' ', '{', '\n']).next().unwrap())
        .collect()
}

#[test]
fn the_script_uses_only_commands_that_read() {
    let code = code(&read(SCRIPT));
    let own = own_functions(&code);
    let found = commands(&code);
    let foreign: Vec<_> = found
        .iter()
        .filter(|c| !ALLOWED.contains(c) && !own.contains(**c))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    let unused: Vec<_> = ALLOWED.iter().filter(|c| !found.contains(**c)).collect();
    assert!(unused.is_empty(), "{unused:?}");
    for writes in ["Set-Content", "Move-Item"] {
        assert_eq!(code.matches(writes).count(), 1, "{writes}");
    }
}

#[test]
fn the_script_runs_in_constrained_language_mode() {
    let script = read(SCRIPT);
    assert!(
        script.is_ascii(),
        "Windows PowerShell reads a file without a mark in the code page of the machine"
    );
    let code = code(&script);
    let forbidden = [
        "::",
        "Add-Type",
        "New-Object",
        "Invoke-Expression",
        "Invoke-Command",
        "Start-Process",
        "iex ",
        "[ordered]",
        "[pscustomobject]",
        "-ComObject",
        ".Invoke",
        "class ",
        "`",
    ];
    for construct in forbidden {
        assert!(
            !code.to_lowercase().contains(&construct.to_lowercase()),
            "{construct}"
        );
    }
    assert!(calls_no_method(&code));
    for (at, _) in code.match_indices('[') {
        let before = code[..at].chars().next_back().unwrap();
        // An index stands right behind what it is of; a type does not.
        if before.is_ascii_alphanumeric() || matches!(before, ')' | ']' | '_') {
            continue;
        }
        let name = code[at + 1..].split(']').next().unwrap();
        assert!(TYPES.contains(&name), "[{name}]");
    }
    // What is run by the call operator is the body of a section.
    for (at, _) in code.match_indices("& ") {
        assert!(code[at..].starts_with("& $Body"), "{}", &code[at..at + 20]);
    }
}

/// `.Name(` is a call; a property is read without brackets.
fn calls_no_method(code: &str) -> bool {
    code.match_indices('.').all(|(at, _)| {
        let name =
            code[at + 1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let is_named = name.len() < code[at + 1..].len();
        !(is_named && name.starts_with('('))
    })
}

#[test]
fn every_section_says_which_right_it_needs() {
    let script = read(SCRIPT);
    let sections: Vec<&str> = script
        .lines()
        .filter(|l| l.contains("Read-Section -Section"))
        .collect();
    assert!(sections.len() >= 12, "{}", sections.len());
    for section in sections {
        assert!(section.contains(" -Right '"), "{section}");
    }
}

#[test]
fn every_field_of_the_result_is_described() {
    let script = read(SCRIPT);
    let reference = read(REFERENCE);
    let keys = script
        .split(['{', ';', '\n'])
        .filter_map(|part| part.split_once(" = "))
        .map(|(key, _)| key.trim())
        .filter(|key| !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    let keys: BTreeSet<&str> = keys.collect();
    assert!(keys.len() > 30, "{keys:?}");
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| !reference.contains(&format!("`{key}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn comments_and_texts_are_no_code_but_what_they_evaluate_is() {
    assert_eq!(
        code("a # b\n'c' \"d$(e-f (g))h\" <# i #>j"),
        "a \n \"$(e-f (g))\" j"
    );
    assert!(!calls_no_method("$x.Trim()"));
    assert!(calls_no_method("$x.Name (1) .5 ..\\a"));
}
