for {set i 0} {$i < 20000} {incr i} { dict set d key$i [expr {$i * 3}] }
puts [dict size $d]
puts [dict get $d key777]
