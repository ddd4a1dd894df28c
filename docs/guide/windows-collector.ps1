<#
.SYNOPSIS
    Writes one JSON file about this machine, daywatch.windows/1, for "daywatch scan".

.DESCRIPTION
    Reads only. Changes no setting, starts no program, sends nothing; the one file it writes is the result.
    docs/guide/windows.md describes it section by section, docs/reference/windows-json.md the fields of the result.

    Made for Windows PowerShell 3.0 to 5.1 and PowerShell 7, for the execution policy AllSigned, and for Constrained
    Language Mode: cmdlets and operators only, no .NET method, no type but those of the language, no COM object.

    What may not be read is not left out in silence: "errors" names the section, the reason and the right that is missing.

.PARAMETER OutDir
    The folder the file is written to, as NAME.windows.json. Without it the JSON goes to standard output.

.EXAMPLE
    powershell.exe -NoProfile -File windows-collector.ps1 -OutDir \\files\daywatch
#>
[CmdletBinding()]
param(
    [string] $OutDir
)

$ErrorActionPreference = 'Stop'
$script:Errors = @()

# --- 0. How a section is read --------------------------------------------------------------------------------------------

# Runs one section. If it fails, the section is unknown ($null) and the reason is kept. A right is named only where the
# failure is one of permission, so that the reader can tell "not permitted" from "not there".
function Read-Section {
    param([string] $Section, [string] $Right, $Body)
    try {
        & $Body
    } catch {
        Add-Failure -Section $Section -Right $Right -Record $_
    }
}

function Add-Failure {
    param([string] $Section, [string] $Right, $Record)
    $kind = "$($Record.CategoryInfo.Category) $($Record.FullyQualifiedErrorId) $($Record.CategoryInfo.Reason)"
    $denied = $kind -match 'PermissionDenied|SecurityError|Unauthorized|SecurityException|AccessDenied|0x80041003|HRESULT 0x80070005'
    $needed = $null
    if ($denied) { $needed = $Right }
    $script:Errors += @{ section = $Section; why = "$Record"; right = $needed }
}

# The values of a registry key; $null where the key is not there. A key that may not be read is an error of the section.
function Get-Key {
    param([string] $Path)
    if (Test-Path -LiteralPath $Path) { Get-ItemProperty -LiteralPath $Path }
}

# yyyy-mm-dd by number, since a format string would follow the calendar of the language (2569 in Thailand).
function Get-Day {
    param($Date)
    if ($null -ne $Date -and $null -ne $Date.Year) { '{0:d4}-{1:d2}-{2:d2}' -f $Date.Year, $Date.Month, $Date.Day }
}

# --- 1. The system -------------------------------------------------------------------------------------------------------

$os = Read-Section -Section 'os' -Right 'read HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' -Body {
    $key = Get-Key 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
    # Version 10 and later have their numbers apart; "CurrentVersion" stayed at 6.3.
    $major = $key.CurrentMajorVersionNumber
    $minor = $key.CurrentMinorVersionNumber
    if ($null -eq $major) {
        $major = [int] ($key.CurrentVersion -split '\.')[0]
        $minor = [int] ($key.CurrentVersion -split '\.')[1]
    }
    $servicePack = 0
    if ("$($key.CSDVersion)" -match '(\d)') { $servicePack = [int] $Matches[1] }
    $release = $key.DisplayVersion
    if (-not $release) { $release = $key.ReleaseId }
    # A 32 bit PowerShell on a 64 bit system is told the truth in the second variable.
    $arch = $env:PROCESSOR_ARCHITEW6432
    if (-not $arch) { $arch = $env:PROCESSOR_ARCHITECTURE }
    @{
        name              = $key.ProductName
        edition           = $key.EditionID
        installation_type = $key.InstallationType
        display_version   = $release
        major             = $major
        minor             = $minor
        build             = [int] $key.CurrentBuildNumber
        ubr               = $key.UBR
        service_pack      = $servicePack
        arch              = $arch
        build_lab         = $key.BuildLabEx
    }
}

# --- 2. Updates, as Windows lists them (Win32_QuickFixEngineering) -------------------------------------------------------

$hotfixes = Read-Section -Section 'hotfixes' -Right 'remote enable and read of WMI root\cimv2' -Body {
    $list = @(Get-HotFix | Where-Object { $_.HotFixID -match '^(KB|Q)\d+' } | ForEach-Object {
            # The day is computed from a text in the language of the machine and may fail for a single update.
            $day = $null
            try { $day = Get-Day $_.InstalledOn } catch { $day = $null }
            @{ id = $_.HotFixID; installed_on = $day }
        })
    , $list
}

# --- 3. Updates, as the servicing stack keeps them -----------------------------------------------------------------------

# It knows more than the list above, but ordinary users may not read every key of it on every release.
$packages = Read-Section -Section 'servicing_packages' -Right 'read HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing' -Body {
    $root = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages'
    $list = @()
    if (Test-Path -LiteralPath $root) {
        $list = @(Get-ChildItem -LiteralPath $root |
                Where-Object { $_.PSChildName -like 'Package_for_*' } |
                ForEach-Object { @{ name = $_.PSChildName; state = (Get-ItemProperty -LiteralPath $_.PSPath).CurrentState } })
    }
    , $list
}

# --- 4. Roles and features -----------------------------------------------------------------------------------------------

$features = Read-Section -Section 'features' -Right 'read of WMI root\cimv2' -Body {
    # 1 is enabled, 2 disabled, 3 absent; what is neither is left out.
    $list = @(Get-CimInstance -ClassName Win32_OptionalFeature |
            Where-Object { $_.InstallState -ge 1 -and $_.InstallState -le 3 } |
            ForEach-Object { @{ name = $_.Name; installed = ($_.InstallState -eq 1) } })
    , $list
}

# Servers know their roles by other names, too.
if (Get-Command -Name Get-WindowsFeature -ErrorAction SilentlyContinue) {
    $roles = Read-Section -Section 'roles' -Right 'local administrator' -Body {
        $list = @(Get-WindowsFeature | ForEach-Object { @{ name = $_.Name; installed = [bool] $_.Installed } })
        , $list
    }
    if ($null -ne $roles) { $features = @($features | Where-Object { $null -ne $_ }) + $roles }
}

# --- 5. IIS --------------------------------------------------------------------------------------------------------------

$iis = Read-Section -Section 'iis' -Right 'read HKLM\SOFTWARE\Microsoft\InetStp' -Body {
    $key = Get-Key 'HKLM:\SOFTWARE\Microsoft\InetStp'
    if ($null -eq $key -or $null -eq $key.MajorVersion) {
        @{ installed = $false; version = $null; extensions = @() }
    } else {
        @{ installed = $true; version = '{0}.{1}' -f $key.MajorVersion, $key.MinorVersion; extensions = @() }
    }
}

# Only paths and switches are taken from the configuration; it also holds passwords, and those stay where they are.
if ($null -ne $iis -and $iis['installed']) {
    $extensions = Read-Section -Section 'iis.config' -Right 'read %windir%\System32\inetsrv\config (local administrator)' -Body {
        $file = "$env:windir\System32\inetsrv\config\applicationHost.config"
        $list = @()
        $allowed = @{}
        $unlisted = $false
        foreach ($found in @(Select-Xml -LiteralPath $file -XPath '//isapiCgiRestriction')) {
            if ($found.Node.notListedIsapisAllowed -eq 'true') { $unlisted = $true }
        }
        foreach ($found in @(Select-Xml -LiteralPath $file -XPath '//isapiCgiRestriction/add')) {
            $on = ($found.Node.allowed -eq 'true')
            $allowed[$found.Node.path] = $on
            $list += @{ path = $found.Node.path; enabled = $on }
        }
        foreach ($found in @(Select-Xml -LiteralPath $file -XPath '//isapiFilters/filter')) {
            $list += @{ path = $found.Node.path; enabled = ($found.Node.enabled -ne 'false') }
        }
        foreach ($found in @(Select-Xml -LiteralPath $file -XPath '//globalModules/add')) {
            $list += @{ path = $found.Node.image; enabled = $true }
        }
        foreach ($found in @(Select-Xml -LiteralPath $file -XPath '//handlers/add[@scriptProcessor]')) {
            $path = $found.Node.scriptProcessor
            $on = $unlisted
            if ($null -ne $allowed[$path]) { $on = $allowed[$path] }
            $list += @{ path = $path; enabled = $on }
        }
        , $list
    }
    if ($null -ne $extensions) { $iis['extensions'] = @($extensions) } else { $iis['extensions'] = $null }
}

# --- 6. Does an update wait for a restart? -------------------------------------------------------------------------------

$pending = Read-Section -Section 'pending_reboot' -Right 'read HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion' -Body {
    $current = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
    (Test-Path -LiteralPath "$current\Component Based Servicing\RebootPending") -or
    (Test-Path -LiteralPath "$current\WindowsUpdate\Auto Update\RebootRequired")
}

# --- 7. Products of Microsoft whose build is compared --------------------------------------------------------------------

function Get-Product {
    param([string] $Product, $Version, $Instance, $Edition, $Release)
    @{ product = $Product; instance = $Instance; version = $Version; edition = $Edition; release = $Release }
}

$products = @()

$products += @(Read-Section -Section 'products.sql-server' -Right 'read HKLM\SOFTWARE\Microsoft\Microsoft SQL Server' -Body {
        $root = 'HKLM:\SOFTWARE\Microsoft\Microsoft SQL Server'
        if (Test-Path -LiteralPath $root) {
            Get-ChildItem -LiteralPath $root | Where-Object { $_.PSChildName -match '^MSSQL\d+(_\d+)?\.' } | ForEach-Object {
                $setup = Get-Key "$root\$($_.PSChildName)\Setup"
                $build = $setup.PatchLevel
                if (-not $build) { $build = $setup.Version }
                if ($build) {
                    Get-Product -Product 'sql-server' -Version $build -Instance $_.PSChildName -Edition $setup.Edition
                }
            }
        }
    })

$products += @(Read-Section -Section 'products.exchange' -Right 'read HKLM\SOFTWARE\Microsoft\ExchangeServer' -Body {
        # The registry keeps the build of the last cumulative update; that of a security update is on the file alone.
        $setup = Get-Key 'HKLM:\SOFTWARE\Microsoft\ExchangeServer\v15\Setup'
        if ($null -ne $setup -and $setup.MsiInstallPath) {
            $file = Get-Item -LiteralPath "$($setup.MsiInstallPath)bin\ExSetup.exe"
            $info = $file.VersionInfo
            $build = '{0}.{1}.{2}.{3}' -f $info.FileMajorPart, $info.FileMinorPart, $info.FileBuildPart, $info.FilePrivatePart
            Get-Product -Product 'exchange' -Version $build
        }
    })

$products += @(Read-Section -Section 'products.sharepoint' -Right 'read HKLM\SOFTWARE\Microsoft\Shared Tools' -Body {
        $root = 'HKLM:\SOFTWARE\Microsoft\Shared Tools\Web Server Extensions'
        foreach ($version in '12.0', '14.0', '15.0', '16.0') {
            $key = Get-Key "$root\$version"
            # The key is also there without SharePoint; the farm's library is not.
            if ($null -ne $key -and $key.Location -and (Test-Path -LiteralPath "$($key.Location)ISAPI\Microsoft.SharePoint.dll")) {
                $info = (Get-Item -LiteralPath "$($key.Location)ISAPI\Microsoft.SharePoint.dll").VersionInfo
                $build = '{0}.{1}.{2}.{3}' -f $info.FileMajorPart, $info.FileMinorPart, $info.FileBuildPart, $info.FilePrivatePart
                Get-Product -Product 'sharepoint' -Version $build
            }
        }
    })

$products += @(Read-Section -Section 'products.net' -Right 'read HKLM\SOFTWARE\Microsoft\NET Framework Setup' -Body {
        $full = Get-Key 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full'
        if ($null -ne $full -and $full.Release) {
            Get-Product -Product 'net-framework' -Version $full.Version -Release $full.Release
        }
        foreach ($framework in 'Microsoft.NETCore.App', 'Microsoft.AspNetCore.App') {
            $folder = "$env:ProgramFiles\dotnet\shared\$framework"
            if (Test-Path -LiteralPath $folder) {
                Get-ChildItem -LiteralPath $folder | ForEach-Object { Get-Product -Product $framework -Version $_.Name }
            }
        }
    })

# --- 8. Installed programs -----------------------------------------------------------------------------------------------

$programs = Read-Section -Section 'programs' -Right 'read HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' -Body {
    $list = @()
    foreach ($root in 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall',
        'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall') {
        if (Test-Path -LiteralPath $root) {
            # Entries without a name are parts of others; those with a parent are updates of a program.
            $list += @(Get-ChildItem -LiteralPath $root |
                    ForEach-Object { Get-ItemProperty -LiteralPath $_.PSPath } |
                    Where-Object { $_.DisplayName -and -not $_.ParentKeyName } |
                    ForEach-Object { @{ name = $_.DisplayName; version = $_.DisplayVersion; publisher = $_.Publisher } })
        }
    }
    , $list
}

# --- 9. Ports something listens on ---------------------------------------------------------------------------------------

$listening = Read-Section -Section 'listening' -Right 'local administrator' -Body {
    # Since Windows 8 and Server 2012; the section is unknown on older systems.
    $names = @{}
    Get-Process | ForEach-Object { $names["$($_.Id)"] = $_.ProcessName }
    $list = @(Get-NetTCPConnection -State Listen | ForEach-Object {
            @{ protocol = 'tcp'; address = $_.LocalAddress; port = $_.LocalPort; program = $names["$($_.OwningProcess)"] }
        })
    $list += @(Get-NetUDPEndpoint | ForEach-Object {
            @{ protocol = 'udp'; address = $_.LocalAddress; port = $_.LocalPort; program = $names["$($_.OwningProcess)"] }
        })
    , $list
}

# --- 10. The result ------------------------------------------------------------------------------------------------------

$result = @{
    schema             = 'daywatch.windows/1'
    collector          = '1'
    collected_on       = Get-Day (Get-Date)
    language_mode      = "$($ExecutionContext.SessionState.LanguageMode)"
    powershell         = "$($PSVersionTable.PSVersion)"
    host               = @{ name = $env:COMPUTERNAME; domain = $env:USERDNSDOMAIN }
    os                 = $os
    hotfixes           = $null
    servicing_packages = $null
    features           = $null
    iis                = $iis
    pending_reboot     = $pending
    products           = @($products | Where-Object { $null -ne $_ })
    programs           = $null
    listening          = $null
    errors             = @($script:Errors)
}

# A list that a function returned is wrapped, and Windows PowerShell would write it as an object; @() makes a plain one of it.
# A list that could not be read stays $null.
if ($null -ne $hotfixes) { $result['hotfixes'] = @($hotfixes) }
if ($null -ne $packages) { $result['servicing_packages'] = @($packages) }
if ($null -ne $features) { $result['features'] = @($features) }
if ($null -ne $programs) { $result['programs'] = @($programs) }
if ($null -ne $listening) { $result['listening'] = @($listening) }

$json = ConvertTo-Json -InputObject $result -Depth 6

if ($OutDir) {
    # Written beside and renamed, so that nobody reads half a file.
    $target = Join-Path -Path $OutDir -ChildPath "$env:COMPUTERNAME.windows.json"
    Set-Content -LiteralPath "$target.part" -Value $json -Encoding UTF8
    Move-Item -LiteralPath "$target.part" -Destination $target -Force
} else {
    Write-Output $json
}
