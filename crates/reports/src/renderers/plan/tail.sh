
if [ "$planned" = no ]; then
    echo "nothing is planned for $this"
fi
if [ "$wants_reboot" = yes ]; then
    if [ "$reboot" = yes ]; then
        run shutdown -r +1
    else
        echo "$this has to be rebooted before this counts: --reboot"
    fi
fi
