#requires -Version 5.1
# For review: read it before you run it. Daywatch never runs it.
# Run on a host, it does what is planned for that host, and without -Apply it only prints what it would do.
[CmdletBinding()]
param([switch]$Apply, [switch]$EvidenceTaken, [switch]$Restart)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$script:Planned = $false
$script:WantsRestart = $false

function Test-Here([string[]]$Names) {
    foreach ($name in $Names) {
        if ($name.Split('.')[0] -eq $env:COMPUTERNAME) { $script:Planned = $true; return $true }
    }
    return $false
}

# "Do not patch yet": forensic triage comes first.
function Test-Held([string[]]$Names) {
    if (-not (Test-Here $Names)) { return $false }
    if (-not $EvidenceTaken) { Write-Output 'HELD until -EvidenceTaken' | Out-Host }
    return [bool]$EvidenceTaken
}

function Request-Restart { $script:WantsRestart = $true }

function Install-Planned([string]$Kb) {
    $session = New-Object -ComObject Microsoft.Update.Session
    $found = $session.CreateUpdateSearcher().Search('IsInstalled=0').Updates
    $wanted = New-Object -ComObject Microsoft.Update.UpdateColl
    foreach ($update in $found) {
        if (@($update.KBArticleIDs) -contains $Kb.Substring(2)) { [void]$wanted.Add($update) }
    }
    if ($wanted.Count -eq 0) { Write-Output "$Kb is not offered here: approved, superseded, or installed?"; return }
    Write-Output "+ install $Kb"
    if (-not $Apply) { return }
    $download = $session.CreateUpdateDownloader()
    $download.Updates = $wanted
    [void]$download.Download()
    $install = $session.CreateUpdateInstaller()
    $install.Updates = $wanted
    $result = $install.Install()
    Write-Output "result $($result.ResultCode) (2 is success), restart needed: $($result.RebootRequired)"
    if ($result.RebootRequired) { Request-Restart }
}

