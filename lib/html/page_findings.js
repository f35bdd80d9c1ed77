// SPDX-License-Identifier: MIT
// page_findings.js - the findings: filtered, grouped, folded.
const PAGE_OF_FINDINGS = 50;
const FRAMES = 5; /* shown at once */

function excerpt(number, line) {
	const [first, ...lines] = D.excerpts[number - 1];
	return el("pre", { class: "source", tabindex: 0 }, lines.map((text, i) =>
		el("span", first + i === line ? { class: "here" } : {}, el("i", {}, String(first + i)), text)));
}
function stackOf(stack) {
	const frames = (from, to) => el("ol", { class: "stack mono", start: from + 1 },
		stack.slice(from, to).map((s) => el("li", {}, placeText(s))));
	if (stack.length <= FRAMES + 1) return frames(0, stack.length);
	return [frames(0, FRAMES), el("details", { class: "more" }, el("summary", {},
		stack.length - FRAMES + " more frames"), frames(FRAMES, stack.length))];
}
function bodyOf(f) {
	const [rule, , count, place, stack, call, answer, source, , where, bits] = f;
	const [name, title, why, hint, cite] = D.rules[rule];
	const refusing = D.profiles.filter((_, i) => bits >> i & 1);
	return el("div", { class: "body" },
		el("p", {}, el("strong", {}, title + (answer ? ": " + D.texts[answer] : "")),
			where ? " in " + D.texts[where] : ""),
		source ? excerpt(source, placeOf(place).line) : null,
		call ? el("p", {}, el("span", { class: "dim" }, where ? "found: " : "first: "), el("code", { class: "where" }, D.texts[call])) : null,
		el("p", {}, why),
		el("p", {}, el("strong", {}, "Portable: "), hint),
		stack.length ? el("div", {}, el("span", { class: "dim" }, "called by"), stackOf(stack)) : null,
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
			el("span", { class: "what" }, el("b", { class: "mono" }, D.rules[rule][0]), tags(state),
				el("span", { class: "dim" }, D.rules[rule][1])),
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

	const search = el("input", { type: "search", placeholder: "Filter ( / )",
		"aria-label": "Filter findings", title: "by rule, function, file, argument", oninput: () => { shown = PAGE_OF_FINDINGS; draw(); } });
	const buttons = [2, 1, 0].map((level) => {
		const button = el("button", { type: "button", "aria-pressed": "true", disabled: counts[level] ? null : "", onclick: () => {
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
				list.querySelectorAll(".finding > summary")[before]?.focus();
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
			const all = [...list.querySelectorAll(".finding > summary")];
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
	list.querySelector("details.finding").open = true;
}
