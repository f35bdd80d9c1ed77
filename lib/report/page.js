// SPDX-License-Identifier: MIT
// page.js - shows the data of the page: findings that filter and fold, memory over time, maps of the arena.
// Every text goes in as a text node; nothing is ever parsed as markup.
"use strict";
(() => {
	const D = JSON.parse(document.getElementById("data").textContent);
	const main = document.getElementById("main");
	const LEVELS = ["note", "warning", "error"];
	const PAGE_OF_FINDINGS = 50;
	const kinds = (D.kinds || []).concat("waste");
	/* From the bottom of the plot to its top: what stays longest first. */
	const layers = ["image", "stacks", "heap", "mappings", "files", "shared", "waste"].map((k) => kinds.indexOf(k));
	const SVG = "http://www.w3.org/2000/svg";

	function make(node, attributes, children) {
		for (const [name, value] of Object.entries(attributes || {})) {
			if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
			else if (value !== null && value !== undefined) node.setAttribute(name, value);
		}
		node.append(...children.flat().filter((child) => child !== null && child !== undefined));
		return node;
	}
	const el = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
	const svg = (tag, attributes, ...children) => make(document.createElementNS(SVG, tag), attributes, children);

	function size(bytes) {
		const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
		let unit = 0;
		while (bytes >= 1024 && unit + 1 < units.length) { bytes /= 1024; unit++; }
		return (bytes >= 100 || Number.isInteger(bytes) ? Math.round(bytes) : bytes.toFixed(1)) + " " + units[unit];
	}
	const pages = (count) => size(count * D.page);
	function time(ns) {
		if (ns < 1e6) return (ns / 1e3).toFixed(0) + " µs";
		if (ns < 1e9) return (ns / 1e6).toFixed(ns < 1e7 ? 1 : 0) + " ms";
		return (ns / 1e9).toFixed(ns < 1e10 ? 2 : 1) + " s";
	}
	function color(kind) {
		return getComputedStyle(document.documentElement).getPropertyValue("--" + kind).trim();
	}

	function placeOf(number) {
		const [module, fn, file, line, offset, inlined] = D.places[number];
		return { module: D.texts[module], fn: D.texts[fn], file: D.texts[file], line, offset, inlined };
	}
	function placeText(number) {
		const p = placeOf(number);
		const source = p.file && p.line ? p.file + ":" + p.line : "";
		if (p.fn) return p.fn + (source ? "  " + source : p.module ? "  " + p.module : "");
		return source || (p.module ? p.module + "+" : "address ") + p.offset;
	}

	// ---- findings ----

	function excerpt(number, line) {
		const [first, ...lines] = D.excerpts[number - 1];
		return el("pre", { class: "source", tabindex: 0 }, lines.map((text, i) =>
			el("span", first + i === line ? { class: "here" } : {}, el("i", {}, String(first + i)), text)));
	}
	function bodyOf(f) {
		const [rule, , count, place, stack, call, answer, source, , where, bits] = f;
		const [name, title, why, hint, cite] = D.rules[rule];
		const refusing = D.profiles.filter((_, i) => bits >> i & 1);
		return el("div", { class: "body" },
			el("p", {}, el("strong", {}, title + (answer ? ": " + D.texts[answer] : "")),
				where ? " in " + D.texts[where] : ""),
			source ? excerpt(source, placeOf(place).line) : null,
			stack.length ? el("div", {}, el("span", { class: "dim" }, "called by"),
				el("ol", { class: "stack mono" }, stack.map((s) => el("li", {}, placeText(s))))) : null,
			call ? el("p", {}, el("span", { class: "dim" }, "first: "), el("code", { class: "where" }, D.texts[call])) : null,
			el("p", {}, why),
			el("p", {}, el("strong", {}, "Portable: "), hint),
			el("p", { class: "dim" },
				refusing.length ? "Refused by " + refusing.join(", ") + ". " : "Refused by no profile. ",
				cite ? "Source: " + cite + ". " : "", count + (count === 1 ? " time. " : " times. "),
				el("code", {}, "nommu explain " + name)));
	}
	function tags(state) {
		const list = [];
		if (state & 4) list.push(el("span", { class: "tag" }, "accepted"));
		const baseline = [null, "new", "unchanged", "fixed"][state & 3];
		if (baseline) list.push(el("span", { class: "tag " + baseline }, baseline));
		return list;
	}
	function findingOf(f) {
		const [rule, severity, count, place, , , , , state, where] = f;
		const details = el("details", { class: "finding" },
			el("summary", {},
				el("span", { class: "level " + LEVELS[severity] }, LEVELS[severity]),
				el("span", { class: "mono" }, D.rules[rule][0], tags(state)),
				el("span", { class: "where mono" }, where ? D.texts[where] + "  " + placeOf(place).fn : placeText(place)),
				el("span", { class: "count" }, count + "×")));
		details.addEventListener("toggle", () => {
			if (details.open && details.children.length === 1) details.append(bodyOf(f));
		});
		return details;
	}
	function haystack(f) {
		const p = placeOf(f[3]);
		return [D.rules[f[0]][0], D.rules[f[0]][1], p.fn, p.file, p.module, D.texts[f[9]], D.texts[f[5]]]
			.join("\n").toLowerCase();
	}
	function groupName(f, by) {
		const p = placeOf(f[3]);
		if (by === "rule") return D.rules[f[0]][0];
		if (by === "file") return D.texts[f[9]] || p.file || p.module || "unknown";
		return "";
	}

	function findings() {
		const list = el("div", {});
		const status = el("p", { class: "readout", role: "status" });
		const on = [true, true, true];
		const hay = [];
		let shown = PAGE_OF_FINDINGS, group = "";
		const counts = [0, 0, 0];
		D.findings.forEach((f) => counts[f[1]]++);

		const search = el("input", { type: "search", placeholder: "Filter by rule, function, file, argument  ( / )",
			"aria-label": "Filter findings", oninput: () => { shown = PAGE_OF_FINDINGS; draw(); } });
		const buttons = [2, 1, 0].map((level) => {
			const button = el("button", { type: "button", "aria-pressed": "true", onclick: () => {
				on[level] = !on[level];
				button.setAttribute("aria-pressed", String(on[level]));
				draw();
			} }, counts[level] + " " + LEVELS[level] + (counts[level] === 1 ? "" : "s"));
			return button;
		});
		const grouping = el("select", { "aria-label": "Group by", onchange: () => { group = grouping.value; draw(); } },
			el("option", { value: "" }, "worst first"), el("option", { value: "rule" }, "by rule"),
			el("option", { value: "file" }, "by file"));
		const unfold = el("button", { type: "button", onclick: () => {
			const all = [...list.querySelectorAll("details.finding")];
			const open = all.some((d) => !d.open);
			all.forEach((d) => { d.open = open; });
			unfold.textContent = open ? "Fold all" : "Unfold all";
		} }, "Unfold all");

		function draw() {
			const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
			const hits = D.findings.filter((f, i) => on[f[1]] &&
				words.every((w) => (hay[i] = hay[i] || haystack(f)).includes(w)));
			if (group) hits.sort((a, b) => groupName(a, group).localeCompare(groupName(b, group)));
			list.replaceChildren();
			let last = null;
			for (const f of hits.slice(0, shown)) {
				const name = groupName(f, group);
				if (group && name !== last) list.append(el("h3", { class: "mono where" }, name));
				last = name;
				list.append(findingOf(f));
			}
			if (hits.length > shown)
				list.append(el("button", { type: "button", onclick: () => {
					const before = shown;
					shown += PAGE_OF_FINDINGS * 5;
					draw();
					list.querySelectorAll("summary")[before]?.focus();
				} }, "Show more (" + (hits.length - shown) + " left)"));
			status.textContent = hits.length === D.findings.length ? "" :
				hits.length + " of " + D.findings.length + " findings";
			unfold.textContent = "Unfold all";
		}
		document.addEventListener("keydown", (event) => {
			const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
			if (event.ctrlKey || event.metaKey || event.altKey) return;
			if (event.key === "/" && !typing) { event.preventDefault(); search.focus(); }
			if (event.key === "Escape" && event.target === search) { search.value = ""; draw(); }
			if ((event.key === "j" || event.key === "k") && !typing) {
				const all = [...list.querySelectorAll("summary")];
				const at = all.indexOf(document.activeElement);
				all[Math.max(0, Math.min(all.length - 1, at + (event.key === "j" ? 1 : -1)))]?.focus();
			}
		});
		if (!D.findings.length) {
			main.append(el("section", {}, el("h2", { id: "findings" }, "What to change"),
				el("p", { class: "panel empty" }, "Nothing: no call was refused, and none was dangerous or costly.")));
			return;
		}
		draw();
		main.append(el("section", {}, el("h2", { id: "findings" }, "What to change"),
			el("div", { class: "bar" }, search, buttons, grouping, unfold), status, list));
	}

	// ---- memory ----

	function legend() {
		return el("ul", { class: "legend" }, layers.map((kind) =>
			el("li", {}, el("i", { style: "background:var(--" + kinds[kind] + ")" }), kinds[kind])));
	}
	function fill(share, bad) {
		return share ? el("span", { class: "fill" + (bad ? " bad" : ""), style: "width:" + 100 * share + "%" }) : null;
	}
	function tile(value, label) {
		return el("div", { class: "tile" }, el("b", {}, value), el("span", {}, label));
	}
	function sum(values) { return values.reduce((a, b) => a + b, 0); }

	function plot() {
		const box = el("div", { tabindex: 0, role: "img", "aria-label":
			"RAM in use over time, peak " + pages(sum(D.peakUsage)) + " at " + time(D.peakTime) });
		const readout = el("p", { class: "readout", role: "status" });
		const points = D.plot, end = Math.max(D.end, points[points.length - 1][0], 1);
		const peak = sum(D.peakUsage);
		const top = D.ram && peak > D.ram / 3 ? Math.max(D.ram, peak) : peak * 1.15 || 1;
		const L = 58, R = 8, T = 8, B = 22, H = 260;
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
			for (let i = 0; i <= 4; i++) {
				const value = top * i / 4;
				root.append(svg("line", { class: "axis", x1: L, x2: W - R, y1: y(value), y2: y(value) }),
					svg("text", { x: L - 6, y: y(value) + 4, "text-anchor": "end" }, pages(Math.round(value))));
			}
			const steps = W < 500 ? 2 : 4;
			for (let i = 0; i <= steps; i++)
				root.append(svg("text", { x: x(end * i / steps), y: H - 6,
					"text-anchor": i === steps ? "end" : i ? "middle" : "start" }, time(end * i / steps)));
		}
		function mark(root, ns, text, stroke, row) {
			const right = x(ns) > W * .7;
			root.append(svg("line", { x1: x(ns), x2: x(ns), y1: T, y2: H - B, stroke, "stroke-dasharray": "4 3" }),
				svg("text", { x: x(ns) + (right ? -4 : 4), y: T + 12 + row * 14, "text-anchor": right ? "end" : "start",
					style: "fill:" + stroke }, text));
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
			if (D.ram && top >= D.ram)
				root.append(svg("line", { x1: L, x2: W - R, y1: y(D.ram), y2: y(D.ram), stroke: "var(--fg)" }),
					svg("text", { x: W - R, y: y(D.ram) + 13, "text-anchor": "end" }, "RAM " + pages(D.ram)));
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
		requestAnimationFrame(draw);
		new ResizeObserver(draw).observe(panel);
		return panel;
	}

	// A map: a row is so many pages that there are at most 128 rows; the pixel is the page, or several.
	function map(data, wanted) {
		let perRow = 128;
		while (data.pages / perRow > 128) perRow *= 2;
		const rows = Math.ceil(data.pages / perRow), height = Math.max(4, Math.min(12, Math.floor(420 / rows)));
		const canvas = el("canvas", { tabindex: 0, role: "img", "aria-label": "Map of the arena, " +
			pages(data.free) + " free" });
		const readout = el("p", { class: "readout", role: "status" });
		let page = 0;

		function paint(context, start, count, fill, scale) {
			context.fillStyle = fill;
			while (count > 0) {
				const row = Math.floor(start / perRow), column = start % perRow;
				const here = Math.min(count, perRow - column);
				context.fillRect(column * scale, row * height * devicePixelRatio,
					Math.max(1, here * scale), (height - 1) * devicePixelRatio);
				start += here;
				count -= here;
			}
		}
		function draw() {
			const width = Math.max(240, canvas.parentElement.clientWidth - 2);
			canvas.width = width * devicePixelRatio;
			canvas.height = rows * height * devicePixelRatio;
			canvas.style.height = rows * height + "px";
			const context = canvas.getContext("2d"), scale = canvas.width / perRow;
			paint(context, 0, data.pages, color("soft"), scale);
			for (const [start, count, kind] of data.runs)
				paint(context, start, count, color(kind & 64 ? "waste" : kinds[(kind & 63) - 1]), scale);
			/* A line between blocks of the largest order: no request reaches across it. */
			const block = 2 ** D.maxOrder;
			context.fillStyle = color("dim");
			for (let start = 0; start < data.pages && block < perRow; start += block)
				context.fillRect(start % perRow * scale, Math.floor(start / perRow) * height * devicePixelRatio,
					1, (height - 1) * devicePixelRatio);
		}
		function freeAround(number) {
			let low = 0, high = data.pages;
			for (const [start, count] of data.runs) {
				if (start + count <= number) low = Math.max(low, start + count);
				else { high = Math.min(high, start); break; }
			}
			return [low, high - low];
		}
		function tell(number) {
			page = Math.max(0, Math.min(data.pages - 1, number));
			const run = data.runs.find(([start, count]) => page >= start && page < start + count);
			if (run) {
				readout.textContent = "pages " + run[0] + "–" + (run[0] + run[1] - 1) + ", " + pages(run[1]) + ": " +
					(run[2] & 64 ? "waste by rounding, " : "") + kinds[(run[2] & 63) - 1] + ", " + placeText(run[3]);
				return;
			}
			const [start, count] = freeAround(page);
			readout.textContent = "pages " + start + "–" + (start + count - 1) + ": free, " + pages(count);
		}
		canvas.addEventListener("pointermove", (event) => {
			const rect = canvas.getBoundingClientRect();
			tell(Math.floor((event.clientY - rect.top) / height) * perRow +
				Math.floor((event.clientX - rect.left) / rect.width * perRow));
		});
		canvas.addEventListener("keydown", (event) => {
			const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow }[event.key];
			if (step) { event.preventDefault(); tell(page + step); }
		});
		const panel = el("div", { class: "panel" }, el("div", {}, canvas), readout, blockTable(data, wanted));
		requestAnimationFrame(draw);
		new ResizeObserver(draw).observe(panel);
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
		return panel;
	}
	function blockTable(data, wanted) {
		const most = Math.max(1, ...data.blocks.map((count, order) => count * 2 ** order));
		const order = wanted ? Math.ceil(Math.log2(wanted)) : -1;
		return el("div", { class: "scroll" }, el("table", {},
			el("thead", {}, el("tr", {}, el("th", {}, "free blocks of"), el("th", { class: "num" }, "count"),
				el("th", {}, "memory in them"))),
			el("tbody", {}, data.blocks.map((count, i) => el("tr", i === order ? { class: "wanted" } : {},
				el("td", {}, pages(2 ** i) + (i === order ? " (wanted)" : "")),
				el("td", { class: "num" }, String(count)),
				el("td", { style: "width:55%" }, fill(count * 2 ** i / most, i < order)))))));
	}

	function maps() {
		const list = [];
		if (D.refusalMap) {
			const free = sum(D.refusalMap.blocks.map((count, i) => count * 2 ** i));
			list.push(el("div", {}, el("h3", {}, "The arena at the first refusal, " + time(D.refused.time)),
				el("p", {}, "Wanted: one block of " + pages(2 ** Math.ceil(Math.log2(D.refused.pages))) + " for " +
					pages(D.refused.pages) + ", from ", el("code", { class: "where" }, placeText(D.refused.place)),
					". Free: " + pages(free) + ", the largest block " + pages(largestOf(D.refusalMap.blocks)) +
					(D.refused.reserve ? "; " + pages(D.refused.reserve) + " are kept back." : ".")),
				map(D.refusalMap, D.refused.pages)));
		}
		if (D.peakMap)
			list.push(el("div", {}, el("h3", {}, "The arena at its peak, " + time(D.peakTime)),
				D.refusalMap ? el("p", {}, "In use: " + pages(sum(D.peakUsage)) + ". Free: " + pages(D.peakMap.free) +
					", the largest block " + pages(largestOf(D.peakMap.blocks)) + ".") : null,
				map(D.peakMap, 0)));
		return el("div", { class: "maps" }, list);
	}
	function largestOf(blocks) {
		for (let order = blocks.length - 1; order >= 0; order--) if (blocks[order]) return 2 ** order;
		return 0;
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

	// ---- coverage ----

	function table(head, rows) {
		return el("div", { class: "panel scroll" }, el("table", {},
			el("thead", {}, el("tr", {}, head.map((name) => el("th", {}, name)))),
			el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", { class: "where" }, String(cell))))))));
	}
	function coverage() {
		const section = el("section", {}, el("h2", { id: "coverage" }, "Coverage"));
		if (D.files.length)
			section.append(el("h3", {}, "Files"), table(["file", "verdict", "findings"], D.files));
		if (D.processes.length)
			section.append(el("h3", {}, "Processes"), table(["pid", "command", "end", "peak"],
				D.processes.map(([pid, command, end, peak]) => [pid, command, end, peak ? pages(peak) : ""])));
		if (D.recordings.length > 1)
			section.append(el("h3", {}, "Recordings"), table(["recording", "command", "peak", "calls", "unreadable"],
				D.recordings.map(([path, command, peak, events, damaged]) =>
					[path, command, size(peak), events, damaged ? size(damaged) : ""])));
		main.append(section);
	}

	findings();
	memory();
	coverage();
	main.prepend(el("nav", { class: "dim" }, [...main.querySelectorAll("h2")].map((heading) =>
		el("a", { href: "#" + heading.id }, heading.textContent))));
})();
