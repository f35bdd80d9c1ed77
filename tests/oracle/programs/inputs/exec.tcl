puts [exec echo hello]
