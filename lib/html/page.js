// SPDX-License-Identifier: MIT
// page.js - the verdicts of a scan, coverage, and the page put together.
const VERDICTS = ["cannot-run", "loses-feature", "rebuild", "ready", "not-judged"];
function table(head, rows) {
	return el("div", { class: "panel scroll" }, el("table", {},
		el("thead", {}, el("tr", {}, head.map((name) => el("th", {}, name)))),
		el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", { class: String(cell).length > 24 ? "where" : null }, String(cell))))))));
}
function verdicts() {
	const cell = (name, text) => el("td", { class: name }, text);
	const files = [...D.files].sort((a, b) => VERDICTS.indexOf(a[1]) - VERDICTS.indexOf(b[1]));
	const counts = VERDICTS.map((name) => [files.filter((file) => file[1] === name).length, name]).filter(([n]) => n);
	if (!files.length) return;
	main.append(el("section", {}, el("h2", { id: "files" }, "Files"),
		el("p", {}, counts.map(([n, name]) => n + " " + name).join(", ")),
		el("div", { class: "panel files", tabindex: 0 }, el("table", {}, el("tbody", {}, files.map(([path, verdict, reason, count]) =>
			el("tr", {}, cell("level " + verdict, verdict),
				el("td", { class: "where" }, el("div", { class: "mono" }, path), el("div", { class: "dim" }, reason)),
				cell("num dim", count ? count + (count === 1 ? " finding" : " findings") : ""))))))));
}
function coverage() {
	if (!D.processes.length && !D.recordings.length) return;
	const section = el("section", {}, el("h2", { id: "coverage" }, "Coverage"));
	if (D.processes.length)
		section.append(el("h3", {}, "Processes"), table(["pid", "command", "end", "peak"],
			D.processes.map(([pid, command, end, peak]) => [pid, command, end, peak ? pages(peak) : ""])));
	if (D.recordings.length > 1)
		section.append(el("h3", {}, "Recordings"), table(["recording", "command", "peak", "calls", "unreadable"],
			D.recordings.map(([path, command, peak, events, damaged]) =>
				[path, command, size(peak), events, damaged ? size(damaged) : ""])));
	main.append(section);
}

main.replaceChildren(); /* what a reader without this script sees */
verdicts();
findings();
memory();
coverage();
main.prepend(el("nav", { class: "dim" }, [...main.querySelectorAll("h2")].map((heading) =>
	el("a", { href: "#" + heading.id }, heading.textContent))));
