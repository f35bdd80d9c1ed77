set s 0
for {set i 0} {$i < 20000} {incr i} { incr s [expr {$i * $i % 7}] }
puts $s
