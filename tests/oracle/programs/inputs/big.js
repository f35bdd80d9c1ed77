var s = 'x'; while (s.length < 6000000) s += s;
print(s.length);
