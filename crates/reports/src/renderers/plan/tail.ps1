
if (-not $script:Planned) { Write-Output "nothing is planned for $env:COMPUTERNAME" }
if ($script:WantsRestart) {
    if ($Apply -and $Restart) { Restart-Computer }
    else { Write-Output "$env:COMPUTERNAME has to be restarted before this counts: -Apply -Restart" }
}
