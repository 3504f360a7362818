import ../. [ { networking.hostName = "ford"; } ]
