set s [string repeat 0123456789abcdef 40000]
puts [string length $s]
set t [string repeat $s 8]
puts [string length $t]
