interp recursionlimit {} 100000
proc f n { if {$n > 0} { return [f [expr {$n - 1}]] }; return bottom }
puts [f 900]
