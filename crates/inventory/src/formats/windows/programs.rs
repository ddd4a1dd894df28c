//! Installed programs as packages. Microsoft's own server products are named as MSRC names them, with the build that its
//! advisories compare; of all others no feed tells anything, so they have no ecosystem.

use base::Ecosystem;

use crate::{Location, Package};

/// The ecosystem of Microsoft's products.
const MICROSOFT: &str = "Microsoft";

/// A program as the list of installed programs names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program<'a> {
    pub(super) name: &'a str,
    pub(super) version: Option<&'a str>,
}

impl Program<'_> {
    pub(super) fn package(self, location: Location) -> Package {
        if let Some((name, version)) = dotnet_of(self.name) {
            return product(name, version, location);
        }
        let version = self.version.map(str::to_owned);
        let is_exchange = self.name.starts_with("Microsoft Exchange Server 20")
            && !self.name.contains("Language Pack");
        let mut package = Package::new(self.name, version, location);
        package.ecosystem = is_exchange.then(|| Ecosystem::new(MICROSOFT));
        package
    }
}

fn product(name: impl Into<String>, version: &str, location: Location) -> Package {
    Package {
        ecosystem: Some(Ecosystem::new(MICROSOFT)),
        ..Package::new(name, Some(version.to_owned()), location)
    }
}

/// `Microsoft .NET Runtime - 8.0.11 (x64)`, whose own version is a number of the installer: the version stands in the name.
fn dotnet_of(name: &str) -> Option<(String, &str)> {
    let prefixes = [
        ("Microsoft .NET Runtime - ", ".NET"),
        ("Microsoft .NET Core Runtime - ", ".NET Core"),
        ("Microsoft Windows Desktop Runtime - ", ".NET"),
        ("Microsoft ASP.NET Core ", "ASP.NET Core"),
    ];
    let (rest, product) = prefixes
        .iter()
        .find_map(|(p, product)| Some((name.strip_prefix(p)?, *product)))?;
    let version = rest.split([' ', '-']).next().filter(|v| is_version(v))?;
    Some((dotnet_name(product, version), version))
}

fn is_version(text: &str) -> bool {
    text.contains('.')
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `.NET 8.0`: the product with the first two numbers of the version.
fn dotnet_name(product: &str, version: &str) -> String {
    let two: Vec<&str> = version.split('.').take(2).collect();
    format!("{product} {}", two.join("."))
}

/// A runtime by the folder it lies in: `Microsoft.NETCore.App`, `8.0.11`.
pub(super) fn dotnet_runtime(
    framework: &str,
    version: &str,
    location: Location,
) -> Option<Package> {
    if !is_version(version.split('-').next().unwrap_or_default()) {
        return None;
    }
    let major: u32 = version.split('.').next()?.parse().ok()?;
    let product_name = match framework {
        "Microsoft.NETCore.App" if major < 5 => ".NET Core",
        "Microsoft.NETCore.App" => ".NET",
        "Microsoft.AspNetCore.App" => "ASP.NET Core",
        _ => return None,
    };
    Some(product(
        dotnet_name(product_name, version),
        version,
        location,
    ))
}

/// The .NET Framework by the number `Release`
/// (<https://learn.microsoft.com/en-us/dotnet/framework/install/how-to-determine-which-versions-are-installed>).
pub(super) fn dotnet_framework(
    release: u32,
    version: Option<&str>,
    location: Location,
) -> Option<Package> {
    const RELEASES: &[(u32, &str)] = &[
        (533_320, "4.8.1"),
        (528_040, "4.8"),
        (461_808, "4.7.2"),
        (461_308, "4.7.1"),
        (460_798, "4.7"),
        (394_802, "4.6.2"),
        (394_254, "4.6.1"),
        (393_295, "4.6"),
        (379_893, "4.5.2"),
        (378_675, "4.5.1"),
        (378_389, "4.5"),
    ];
    let (_, name) = RELEASES.iter().find(|(least, _)| release >= *least)?;
    let name = format!("Microsoft .NET Framework {name}");
    let mut package = product(name, "", location);
    package.version = version.map(str::to_owned);
    Some(package)
}

/// SQL Server by its build, `15.0.4420.2`.
pub(super) fn sql_server(build: &str, location: Location) -> Package {
    let mut numbers = build.split('.');
    let year = match (numbers.next(), numbers.next()) {
        (Some("8"), _) => " 2000",
        (Some("9"), _) => " 2005",
        (Some("10"), Some("50" | "51" | "52" | "53")) => " 2008 R2",
        (Some("10"), _) => " 2008",
        (Some("11"), _) => " 2012",
        (Some("12"), _) => " 2014",
        (Some("13"), _) => " 2016",
        (Some("14"), _) => " 2017",
        (Some("15"), _) => " 2019",
        (Some("16"), _) => " 2022",
        (Some("17"), _) => " 2025",
        _ => "",
    };
    product(format!("Microsoft SQL Server{year}"), build, location)
}

/// Exchange Server by its build, `15.2.1544.4`
/// (<https://learn.microsoft.com/en-us/exchange/new-features/build-numbers-and-release-dates>).
pub(super) fn exchange(build: &str, location: Location) -> Package {
    let numbers: Vec<u32> = build.split('.').map_while(|n| n.parse().ok()).collect();
    let name = match numbers.as_slice() {
        [8, ..] => " 2007",
        [14, ..] => " 2010",
        [15, 0, ..] => " 2013",
        [15, 1, ..] => " 2016",
        [15, 2, third, ..] if *third >= 2562 => " Subscription Edition",
        [15, 2, ..] => " 2019",
        _ => "",
    };
    product(format!("Microsoft Exchange Server{name}"), build, location)
}

/// SharePoint Server by its build; three of its releases are version 16
/// (<https://learn.microsoft.com/en-us/officeupdates/sharepoint-updates>).
pub(super) fn sharepoint(build: &str, location: Location) -> Package {
    let numbers: Vec<u32> = build.split('.').map_while(|n| n.parse().ok()).collect();
    let name = match numbers.as_slice() {
        [12, ..] => "Microsoft SharePoint Server 2007",
        [14, ..] => "Microsoft SharePoint Server 2010",
        [15, ..] => "Microsoft SharePoint Server 2013",
        [16, 0, third, ..] if *third >= 14_326 => {
            "Microsoft SharePoint Server Subscription Edition"
        }
        [16, 0, third, ..] if *third >= 10_337 => "Microsoft SharePoint Server 2019",
        [16, ..] => "Microsoft SharePoint Enterprise Server 2016",
        _ => "Microsoft SharePoint Server",
    };
    product(name, build, location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(package: Option<Package>, expected: &str) {
        let found = package.map_or("-".to_owned(), |p| {
            let ecosystem = p.ecosystem.map_or("none".to_owned(), |e| e.to_string());
            format!(
                "{ecosystem} | {} | {}",
                p.name,
                p.version.unwrap_or_default()
            )
        });
        assert_eq!(found, expected);
    }

    fn here() -> Location {
        Location::file("x")
    }

    fn program(name: &str, version: Option<&str>) -> Option<Package> {
        Some(Program { name, version }.package(here()))
    }

    #[test]
    fn products_whose_build_is_compared_are_microsofts_and_others_are_in_no_ecosystem() {
        check(
            Some(sql_server("15.0.4420.2", here())),
            "Microsoft | Microsoft SQL Server 2019 | 15.0.4420.2",
        );
        check(
            Some(sql_server("10.50.6000.34", here())),
            "Microsoft | Microsoft SQL Server 2008 R2 | 10.50.6000.34",
        );
        check(
            Some(sql_server("99.1", here())),
            "Microsoft | Microsoft SQL Server | 99.1",
        );
        check(
            Some(exchange("15.1.2507.6", here())),
            "Microsoft | Microsoft Exchange Server 2016 | 15.1.2507.6",
        );
        check(
            Some(sharepoint("16.0.10416.20041", here())),
            "Microsoft | Microsoft SharePoint Server 2019 | 16.0.10416.20041",
        );
        check(
            program("7-Zip 24.08 (x64)", Some("24.08")),
            "none | 7-Zip 24.08 (x64) | 24.08",
        );
        check(
            program(
                "Microsoft Exchange Server 2019 Cumulative Update 14",
                Some("15.2.1544.4"),
            ),
            "Microsoft | Microsoft Exchange Server 2019 Cumulative Update 14 | 15.2.1544.4",
        );
    }

    #[test]
    fn dotnet_says_its_version_in_its_name() {
        check(
            program("Microsoft .NET Runtime - 8.0.11 (x64)", Some("64.44.23191")),
            "Microsoft | .NET 8.0 | 8.0.11",
        );
        check(
            program("Microsoft .NET Core Runtime - 3.1.32 (x64)", None),
            "Microsoft | .NET Core 3.1 | 3.1.32",
        );
        check(
            program(
                "Microsoft ASP.NET Core 8.0.11 Shared Framework (x64)",
                Some("8.0.11.24520"),
            ),
            "Microsoft | ASP.NET Core 8.0 | 8.0.11",
        );
        check(
            program("Microsoft ASP.NET Core Module V2", Some("18.0")),
            "none | Microsoft ASP.NET Core Module V2 | 18.0",
        );
        check(
            dotnet_runtime("Microsoft.NETCore.App", "8.0.11", here()),
            "Microsoft | .NET 8.0 | 8.0.11",
        );
        check(dotnet_runtime("Microsoft.NETCore.App", "x", here()), "-");
        check(dotnet_runtime("Other", "8.0.11", here()), "-");
        check(
            dotnet_framework(528_049, Some("4.8.03761"), here()),
            "Microsoft | Microsoft .NET Framework 4.8 | 4.8.03761",
        );
        check(dotnet_framework(1, None, here()), "-");
    }
}
