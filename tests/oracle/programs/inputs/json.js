var t = []; for (var i = 0; i < 3000; i++) t.push({ i: i, s: 'v' + i });
var u = JSON.parse(JSON.stringify(t)); print(u.length, u[2999].s);
