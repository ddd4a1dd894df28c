//! A sandbox with a small catalog of real facts, and targets for it.

use testkit::Sandbox;

/// One real record of each of three kinds: Debian by CVE, AlmaLinux by erratum, npm by GHSA; KEV, EPSS and a CVE 5 record.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = empty();
    sandbox.write(
        "feeds/osv/Debian/CVE-2023-0286.json",
        r#"{"id":"CVE-2023-0286","modified":"2024-11-01T00:00:00Z","published":"2023-02-08T20:15:00Z","affected":[
          {"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.8-1"}]}]}]}"#,
    );
    sandbox.write(
        "feeds/osv/npm/GHSA-35jh-r3h4-6jhm.json",
        r#"{"id":"GHSA-35jh-r3h4-6jhm","aliases":["CVE-2021-23337"],"modified":"2024-04-17T00:00:00Z","published":"2021-05-06T16:05:51Z",
          "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"}],"database_specific":{"severity":"HIGH"},
          "affected":[{"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"4.17.21"}]}]}]}"#,
    );
    sandbox.write(
        "feeds/osv/Maven/GHSA-jfh8-c2jp-5v3q.json",
        r#"{"id":"GHSA-jfh8-c2jp-5v3q","aliases":["CVE-2021-44228"],"modified":"2024-12-24T00:00:00Z","published":"2021-12-10T00:40:56Z",
          "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],"database_specific":{"severity":"CRITICAL"},
          "affected":[{"package":{"ecosystem":"Maven","name":"org.apache.logging.log4j:log4j-core"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2.13.0"},{"fixed":"2.15.0"}]}]}]}"#,
    );
    sandbox.write(
        "feeds/kev.json",
        r#"{"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.08.21","dateReleased":"2026-08-21T17:46:43.0Z","count":1,
          "vulnerabilities":[{"cveID":"CVE-2021-44228","vendorProject":"Apache","product":"Log4j2","vulnerabilityName":"Log4Shell",
          "dateAdded":"2021-12-10","shortDescription":"","requiredAction":"","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Known","notes":""}]}"#,
    );
    sandbox.write(
        "feeds/epss.csv",
        "#model_version:v2025.03.14,score_date:2026-08-16T00:00:00Z\ncve,epss,percentile\nCVE-2021-44228,0.99999,1.0\nCVE-2021-23337,0.00214,0.44100\n",
    );
    sandbox.write(
        "app/package-lock.json",
        r#"{"name":"shop","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"shop","version":"1.0.0"},
          "node_modules/lodash":{"version":"4.17.20","resolved":"https://registry.example.org/lodash/-/lodash-4.17.20.tgz"}}}"#,
    );
    sandbox.write(
        "shop.cdx.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[
          {"type":"library","group":"org.apache.logging.log4j","name":"log4j-core","version":"2.14.1","purl":"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]}"#,
    );
    sandbox.write("clean/requirements.txt", "requests==2.32.3\n");
    let run = sandbox.run(&["feeds", "import", "feeds", "--catalog", "catalog.dwcat"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    sandbox
}

/// A sandbox with nothing in it.
pub(crate) fn empty() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_daywatch"))
}
