//! `versions`, `cvss` and `purl`: one answer for every line, and the single forms.

use crate::sample::empty;

fn check(verb: &str, input: &[u8], expected: &str) {
    let run = empty().run_with(&[verb], input);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), expected),
        "{}",
        run.stderr
    );
}

#[test]
fn versions_answers_line_for_line() {
    check(
        "versions",
        b"Debian:12\t1.0-1\t1.0-1+deb12u1\nnpm\t1.0.0\t1.0.0\r\nRED HAT\t2:1.0-1\t1:9.9-1\nrpm\t1.0~rc1\t1.0\n",
        "<\n=\n>\n<\n",
    );
}

#[test]
fn a_line_that_is_no_question_is_answered_with_an_error() {
    let run = empty().run_with(
        &["versions"],
        b"\nnosuch\t1\t2\nnpm\t1\n\xff\nnpm\tnot a version\t1.0.0\n",
    );
    let answers: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(run.code, Some(0));
    assert_eq!(answers.len(), 5);
    assert!(
        answers.iter().all(|a| a.starts_with("error: ")),
        "{answers:?}"
    );
}

#[test]
fn cvss_answers_line_for_line() {
    check(
        "cvss",
        b"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\nAV:N/AC:L/Au:N/C:P/I:P/A:P\nCVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N\nCVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N\n",
        "3.1\t9.8\tcritical\n2.0\t7.5\thigh\n4.0\t9.3\tcritical\n3.0\t0.0\tnone\n",
    );
}

#[test]
fn purl_answers_with_the_canonical_form() {
    check(
        "purl",
        b"pkg:PyPI/Django_Package@1.0\n",
        "pkg:pypi/django-package@1.0\n",
    );
}

#[test]
fn the_single_forms_print_one_line_and_refuse_nonsense() {
    let sandbox = empty();
    let run = sandbox.run(&["versions", "--ecosystem", "Debian", "1.0", "1.0-0"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "=\n"));
    for wrong in [
        &["versions", "--ecosystem", "nosuch", "1", "2"][..],
        &["cvss", "AV:N"],
        &["purl", "npm/x"],
        &["nosuch"],
        &[],
    ] {
        assert_eq!(sandbox.run(wrong).code, Some(2), "{wrong:?}");
    }
}
