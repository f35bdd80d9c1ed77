// SPDX-License-Identifier: MIT
// page_base.js - what all parts of the page use: the data, nodes, words for sizes, times and places.
// Every text goes in as a text node; nothing is ever parsed as markup. The files page*.js are one script.
"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const LEVELS = ["note", "warning", "error"];
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
