function f(n) { return n === 0 ? 0 : 1 + f(n - 1); }
print(f(200));
var s = 'x'; for (var i = 0; i < 16; i++) s += s;
print(s.length);
