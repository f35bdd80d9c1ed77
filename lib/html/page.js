// SPDX-License-Identifier: MIT
// page.js - coverage, and the page put together.
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

main.replaceChildren(); /* what a reader without this script sees */
findings();
memory();
coverage();
main.prepend(el("nav", { class: "dim" }, [...main.querySelectorAll("h2")].map((heading) =>
	el("a", { href: "#" + heading.id }, heading.textContent))));
