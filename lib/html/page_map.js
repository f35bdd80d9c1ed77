// SPDX-License-Identifier: MIT
// page_map.js - the arena page by page, at its peak and at the first refusal: where the free pages lie, and
// why the block that was wanted did not fit.
const KERNEL = 63; /* pages that were not free at the start */

// A row is so many pages that there are at most 64 rows; the pixel is the page, or several.
function map(data, wanted) {
	let perRow = 128;
	while (data.pages / perRow > 64) perRow *= 2;
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
		paint(context, 0, data.pages, color("free"), scale);
		for (const [start, count, what] of data.runs)
			paint(context, start, count, color(nameOf(what)), scale);
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
				(run[2] === KERNEL ? "not free when the run started" : (run[2] & 64 ? "waste by rounding, " : "") +
					kinds[(run[2] & 63) - 1] + ", " + placeText(run[3]));
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
	const panel = el("div", { class: "panel" }, mapLegend(data), el("div", {}, canvas), scaleOf(data, wanted), readout,
		blockTable(data, wanted));
	draw(); /* at a guessed width; the observer tells the true one before anything is painted */
	new ResizeObserver(draw).observe(panel);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
	return panel;
}
function nameOf(what) {
	return what === KERNEL ? "kernel" : what & 64 ? "waste" : kinds[(what & 63) - 1];
}
function mapLegend(data) {
	const seen = new Set(data.runs.map((run) => nameOf(run[2])));
	return el("ul", { class: "legend" }, layers.filter((kind) => seen.has(kinds[kind])).map((kind) => swatch(kinds[kind])),
		seen.has("kernel") ? swatch("kernel", "not free at the start") : null, swatch("free"));
}
/* What was wanted beside the largest free block, in one scale. */
function scaleOf(data, wanted) {
	if (!wanted) return null;
	const order = Math.ceil(Math.log2(wanted)), block = 2 ** order, largest = largestOf(data.blocks);
	const most = Math.max(block, largest, 1);
	const bar = (count, name, words) => el("div", { class: "scale" },
		el("span", { class: name, style: "width:" + Math.max(.5, 60 * count / most) + "%" }), el("span", {}, words));
	return el("div", { class: "scales" }, bar(block, "bad", "wanted, " + pages(block)),
		bar(largest, "free", "largest free block, " + (largest ? pages(largest) : "none")));
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
