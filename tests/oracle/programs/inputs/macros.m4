define(`count', `ifelse($1, 0, `end', `$1 count(decr($1))')')dnl
count(40)
