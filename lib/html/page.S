/* SPDX-License-Identifier: MIT */
/*
 * page.S - the style and the script of the HTML report, as they stand in their files, ended by 0.
 */
	.section .rodata
	.globl html_page_css, html_page_js
	.hidden html_page_css, html_page_js
html_page_css:
	.incbin "page.css"
	.byte 0
html_page_js:
	.incbin "page_base.js"
	.incbin "page_findings.js"
	.incbin "page_memory.js"
	.incbin "page_map.js"
	.incbin "page.js"
	.byte 0
	.section .note.GNU-stack, "", %progbits
