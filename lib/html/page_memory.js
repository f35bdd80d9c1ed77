// SPDX-License-Identifier: MIT
// page_memory.js - memory over time, requests by size, and who held most.
const kinds = (D.kinds || []).concat("waste");
/* From the bottom of the plot to its top: what stays longest first. */
const layers = ["image", "stacks", "heap", "mappings", "files", "shared", "waste"].map((k) => kinds.indexOf(k));

function swatch(name, words) {
	return el("li", {}, el("i", { style: "background:var(--" + name + ")" }), words || name);
}
/* Only what there is in the run. */
function legend() {
	const seen = layers.filter((kind) => D.plot.some((point) => point[1 + kind]));
	return el("ul", { class: "legend" }, seen.map((kind) => swatch(kinds[kind])));
}
function fill(share, bad) {
	return share ? el("span", { class: "fill" + (bad ? " bad" : ""), style: "width:" + 100 * share + "%" }) : null;
}
function tile(value, label) {
	return el("div", { class: "tile" }, el("b", {}, value), el("span", {}, label));
}
function sum(values) { return values.reduce((a, b) => a + b, 0); }

/* The next of 1, 2, 5, 10, 20 ... and the next power of two of bytes: steps of axes. */
function nice(value) {
	const ten = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
	return [1, 2, 5, 10].map((digit) => digit * ten).find((step) => step >= value * .999);
}
function niceBytes(value) { return 2 ** Math.ceil(Math.log2(Math.max(value, D.page))); }

function plot() {
	const box = el("div", { tabindex: 0, role: "img", "aria-label":
		"RAM in use over time, peak " + pages(sum(D.peakUsage)) + " at " + time(D.peakTime) });
	const readout = el("p", { class: "readout", role: "status" });
	const points = D.plot, end = Math.max(D.end, points[points.length - 1][0], 1);
	const peak = sum(D.peakUsage);
	const shown = D.ram && peak > D.ram / 3 ? Math.max(D.ram, peak) : peak * 1.15 || 1;
	const top = shown * 1.04;
	const L = 58, R = 8, T = 8, B = 24, H = 260;
	let W = 800, cursor = null, at = points.length - 1;
	const x = (ns) => L + (W - L - R) * ns / end;
	const y = (count) => T + (H - T - B) * (1 - count / top);

	function area(layer, root) {
		const below = [], above = [], kind = layers[layer];
		points.forEach((p, i) => {
			const low = sum(layers.slice(0, layer).map((k) => p[1 + k])), high = low + p[1 + kind];
			const from = x(p[0]), to = x(i + 1 < points.length ? points[i + 1][0] : end);
			above.push(from + "," + y(high), to + "," + y(high));
			below.push(from + "," + y(low), to + "," + y(low));
		});
		root.append(svg("polygon", { points: above.concat(below.reverse()).join(" "),
			fill: "var(--" + kinds[kind] + ")" }));
	}
	function axes(root) {
		const step = niceBytes(top * D.page / 4) / D.page;
		for (let value = 0; value <= top * 1.0001; value += step)
			root.append(svg("line", { class: "axis", x1: L, x2: W - R, y1: y(value), y2: y(value) }),
				svg("text", { x: L - 6, y: y(value) + 4, "text-anchor": "end" }, value ? pages(value) : "0"));
		const beat = nice(end / (W < 500 ? 3 : 6));
		for (let ns = 0; ns <= end * 1.0001; ns += beat) {
			const last = x(ns) > W - R - 20;
			root.append(svg("line", { class: "axis", x1: x(ns), x2: x(ns), y1: H - B, y2: H - B + 4 }),
				svg("text", { x: last ? W - R : x(ns), y: H - 6, "text-anchor": last ? "end" : "middle" },
					ns ? time(ns) : "0"));
		}
	}
	function mark(root, ns, text, stroke, row) {
		const right = x(ns) > W * .7;
		root.append(svg("line", { x1: x(ns), x2: x(ns), y1: T, y2: H - B, stroke, "stroke-dasharray": "4 3" }),
			svg("text", { class: "label", x: x(ns) + (right ? -4 : 4), y: T + 12 + row * 15,
				"text-anchor": right ? "end" : "start", style: "fill:" + stroke }, text));
	}
	function move(index) {
		at = Math.max(0, Math.min(points.length - 1, index));
		const p = points[at], used = p.slice(1);
		cursor.setAttribute("x1", x(p[0]));
		cursor.setAttribute("x2", x(p[0]));
		cursor.setAttribute("visibility", "visible");
		readout.textContent = time(p[0]) + ": " + pages(sum(used)) + " = " + kinds.map((k, i) =>
			used[i] ? k + " " + pages(used[i]) : "").filter(Boolean).join(", ");
	}
	function draw() {
		W = Math.max(280, box.clientWidth || 800);
		const root = svg("svg", { viewBox: "0 0 " + W + " " + H, height: H });
		axes(root);
		for (let layer = 0; layer < layers.length; layer++) area(layer, root);
		if (D.ram && shown >= D.ram)
			root.append(svg("line", { x1: L, x2: W - R, y1: y(D.ram), y2: y(D.ram), stroke: "var(--fg)" }),
				svg("text", { class: "label", x: W - R - 4, y: y(D.ram) + 14, "text-anchor": "end", style: "fill:var(--fg)" },
					"RAM " + pages(D.ram)));
		mark(root, D.peakTime, "peak", "var(--fg)", 1);
		if (D.refused) mark(root, D.refused.time, "first refusal", "var(--error)", 2);
		cursor = svg("line", { y1: T, y2: H - B, stroke: "var(--fg)", visibility: "hidden" });
		root.append(cursor);
		box.replaceChildren(root);
	}
	box.addEventListener("pointermove", (event) => {
		const rect = box.getBoundingClientRect();
		const ns = ((event.clientX - rect.left) * W / rect.width - L) / (W - L - R) * end;
		let index = points.findIndex((p) => p[0] > ns);
		move(index < 0 ? points.length - 1 : index - 1);
	});
	box.addEventListener("keydown", (event) => {
		const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 }[event.key];
		if (step) { event.preventDefault(); move(at + step); }
	});
	const panel = el("div", { class: "panel" }, legend(), box, readout);
	draw(); /* at a guessed width; the observer tells the true one before anything is painted */
	new ResizeObserver(draw).observe(panel);
	return panel;
}

function histogram() {
	const most = Math.max(1, ...D.orders.map(([asked]) => asked));
	return el("div", { class: "panel scroll" }, el("table", {},
		el("thead", {}, el("tr", {}, el("th", {}, "block asked for"), el("th", { class: "num" }, "requests"),
			el("th", { class: "num" }, "refused"), el("th", {}, ""))),
		el("tbody", {}, D.orders.map(([asked, refused], order) => el("tr", {},
			el("td", {}, pages(2 ** order)), el("td", { class: "num" }, String(asked)),
			el("td", { class: "num" }, String(refused)),
			el("td", { style: "width:55%" },
				fill((asked - refused) / most, false), fill(refused / most, true)))))));
}
function holders() {
	const most = Math.max(1, ...D.holders.map(([, count]) => count));
	return el("div", { class: "panel scroll" }, el("table", {}, el("tbody", {}, D.holders.map(([place, count]) =>
		el("tr", {}, el("td", { class: "mono where" }, placeText(place)),
			el("td", { class: "num" }, pages(count)),
			el("td", { style: "width:40%" }, fill(count / most, false)))))));
}

function memory() {
	if (!D.plot || !D.plot.length) return;
	const section = el("section", {}, el("h2", { id: "memory" }, "Memory"));
	main.append(section);
	const used = sum(D.peakUsage);
	section.append(el("div", { class: "tiles" },
		tile(pages(used), "peak of " + pages(D.ram)),
		tile(pages(D.largest), "largest block asked for"),
		tile(pages(D.peakUsage[kinds.length - 1]), "lost to rounding at the peak"),
		layers.slice(0, -1).map((kind) => D.peakUsage[kind] ?
			tile(pages(D.peakUsage[kind]), kinds[kind] + " at the peak") : null)));
	section.append(el("h3", {}, "RAM over time"), plot(), maps(), el("h3", {}, "Requests by size"), histogram());
	if (D.holders && D.holders.length) section.append(el("h3", {}, "Who held most at the peak"), holders());
}
